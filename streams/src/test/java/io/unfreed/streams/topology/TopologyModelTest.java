package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.streams.model.RandomEvents;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/**
 * The topology on random events of several incarnations and lanes at once. The query, which the
 * model is compared with, says what it must publish.
 */
class TopologyModelTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 815);

  @Test
  void shouldPublishWhatAQueryAnswersWhenIncarnationsAreInterleaved() throws Exception {
    try (Bench bench = new Bench()) {
      for (int round = 0; round < ROUNDS; round++) {
        Random random = new Random(SEED + round);
        List<RandomLane> lanes = lanes(random, "r" + round);
        List<byte[]> messages = interleave(random, lanes);
        Map<String, BatchHeader> heads = new TreeMap<>();
        for (byte[] message : messages) {
          bench.pipe(message);
          BatchHeader head = Script.cursor(message).header();
          heads.put(head.key().toString(), head);
          if (random.nextInt(20) == 0) {
            bench.pipe(EventBatchBuilder.marker(head, "any", random.nextInt(200)).body());
          }
          if (random.nextInt(20) == 0) {
            bench.pipe("foreign".getBytes(StandardCharsets.UTF_8), new byte[random.nextInt(30)]);
          }
        }
        List<IncarnationReport> published = bench.reports(false);
        heads.values().forEach(head -> bench.pipe(EventBatchBuilder.marker(head, "end").body()));
        List<IncarnationReport> answers = bench.reports(true);

        String what = "seed " + (SEED + round);
        compare(what, messages, published, answers);
        messages.forEach(bench::pipe);
        assertThat(bench.reports(false)).as(what + ": replayed again").isEmpty();
      }
      for (TestRecord<byte[], byte[]> letter : bench.read(Topics.DEAD_LETTERS)) {
        assertThat(letter.key()).asString().isEqualTo("foreign");
        assertThat(letter.headers().lastHeader(ReportHeaders.REASON)).isNotNull();
        assertThat(letter.headers().lastHeader(ReportHeaders.ORIGIN).value())
            .asString()
            .startsWith("unfreed.events-0@");
      }
    }
    System.out.println("topology: seeds " + SEED + " + 0 .. " + (ROUNDS - 1));
  }

  @Test
  void shouldPublishTheSameBytesWhenTheOrderBetweenLanesIsAnother() {
    for (int round = 0; round < ROUNDS / 4; round++) {
      long seed = SEED + round;
      List<RandomLane> lanes = lanes(new Random(seed), "s");
      Map<String, List<String>> reports = new HashMap<>();
      for (int order = 0; order < 3; order++) {
        try (Bench bench = new Bench()) {
          interleave(new Random(order), lanes).forEach(bench::pipe);
          Map<String, List<String>> now = byKey(bench.values(Topics.REPORTS));
          byKey(bench.values(Topics.OUTSTANDING))
              .forEach((key, states) -> now.put(key, List.of(states.getLast())));
          if (order == 0) {
            reports = now;
          }
          assertThat(now).as("seed " + seed).isEqualTo(reports);
        }
      }
    }
  }

  @Test
  void shouldGiveTheWholesNumbersWhenACutFileThenTheWholeTwiceIsReplayed() {
    for (int round = 0; round < ROUNDS / 6; round++) {
      Random random = new Random(SEED + round);
      RandomLane lane = RandomEvents.lane(random, "cut", false, 0, 1);
      List<byte[]> whole = lane.messages().stream().distinct().toList();
      List<byte[]> inOrder =
          whole.stream()
              .sorted(Comparator.comparingLong(m -> Script.cursor(m).header().sequence()))
              .toList();
      try (Bench once = new Bench();
          Bench cut = new Bench()) {
        inOrder.forEach(once::pipe);
        inOrder.subList(0, random.nextInt(inOrder.size() + 1)).forEach(cut::pipe);
        inOrder.forEach(cut::pipe);
        inOrder.forEach(cut::pipe);
        assertThat(cut.values(Topics.REPORTS))
            .as("seed " + (SEED + round))
            .isEqualTo(once.values(Topics.REPORTS));
      }
    }
  }

  @Test
  void shouldGoOnAsIfNothingHadHappenedWhenRestoredAtAnyRecord() {
    for (int round = 0; round < ROUNDS / 20; round++) {
      Random random = new Random(SEED + round);
      List<RandomLane> lanes = lanes(random, "restore");
      List<byte[]> messages = interleave(random, lanes);
      for (int n = 0; n <= messages.size(); n += 1 + random.nextInt(4)) {
        try (Bench undisturbed = new Bench();
            Bench restored = new Bench()) {
          List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
          for (byte[] message : messages.subList(0, n)) {
            undisturbed.pipe(message);
            log.add(KeyValue.pair(Bench.key(message), EventBatchCodec.toMessage(message)));
          }
          undisturbed.read(Topics.STATEMENTS).forEach(restored::pipeStatement);
          undisturbed.read(Topics.REPORTS);
          restored.read(Topics.REPORTS);
          restored.ledgers().restoreAll(log);
          for (byte[] message : messages.subList(n, messages.size())) {
            undisturbed.pipe(message);
            restored.pipe(message);
          }
          assertThat(restored.values(Topics.REPORTS))
              .as("seed %d, restored after %d of %d", SEED + round, n, messages.size())
              .isEqualTo(undisturbed.values(Topics.REPORTS));
        }
      }
    }
  }

  /** Several incarnations, one of them perhaps with several lanes. */
  static List<RandomLane> lanes(Random random, String session) {
    List<RandomLane> lanes = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      int count = i == 0 ? 1 + random.nextInt(3) : 1;
      boolean kernel = random.nextInt(3) == 0;
      for (int lane = 0; lane < count; lane++) {
        lanes.add(RandomEvents.lane(random, session + "-" + i, kernel, lane, count));
      }
    }
    return lanes;
  }

  static List<byte[]> interleave(Random random, List<RandomLane> lanes) {
    List<List<byte[]>> left = new ArrayList<>();
    lanes.forEach(lane -> left.add(new ArrayList<>(lane.messages())));
    List<byte[]> all = new ArrayList<>();
    left.removeIf(List::isEmpty);
    while (!left.isEmpty()) {
      all.add(left.get(random.nextInt(left.size())).removeFirst());
      left.removeIf(List::isEmpty);
    }
    return all;
  }

  private static void compare(
      String what,
      List<byte[]> messages,
      List<IncarnationReport> published,
      List<IncarnationReport> answers) {
    Map<String, List<byte[]>> bySession =
        messages.stream()
            .collect(Collectors.groupingBy(m -> Script.cursor(m).header().key().incarnationKey()));
    bySession.forEach((incarnation, of) -> {
      BatchHeader head = Script.cursor(of.getFirst()).header();
      long tick = head.tickNanos();
      ReportQuery query =
          tick == 0 ? ReportQuery.WHOLE : new ReportQuery(ReportQuery.WHOLE.sizes(), 0, null, tick);
      List<IncarnationReport> expected = Script.feed(of, new LedgerRun(query)).finish();
      List<IncarnationReport> mine = published.stream().filter(r -> isOf(r, incarnation)).toList();
      boolean ended = expected.getLast().isFinal();
      assertThat(mine)
          .as(what + " " + incarnation)
          .isEqualTo(ended ? expected : expected.subList(0, expected.size() - 1));
      List<IncarnationReport> answer = answers.stream().filter(r -> isOf(r, incarnation)).toList();
      boolean allMet =
          of.stream().map(m -> Script.cursor(m).header().key()).distinct().count()
              == head.laneCount();
      if (allMet && head.laneCount() == 1) {
        assertThat(answer.getLast()).as(what + " answer").isEqualTo(expected.getLast());
      }
    });
  }

  private static boolean isOf(IncarnationReport report, String incarnation) {
    return (report.session() + "/" + report.incarnation()).equals(incarnation);
  }

  private static Map<String, List<String>> byKey(List<String> values) {
    return new HashMap<>(
        values.stream().collect(Collectors.groupingBy(v -> v.substring(0, v.indexOf(' ')))));
  }
}
