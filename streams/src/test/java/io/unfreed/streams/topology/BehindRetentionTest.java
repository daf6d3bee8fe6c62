package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.model.Event;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Restarts for which the log of events no longer begins at the lanes' first batches. */
class BehindRetentionTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  @Test
  void shouldForgetStacksWhenOnlyTheMissingHeadKnewThem() throws Exception {
    List<byte[]> batches =
        new Script()
            .add(allocation(10, 16, 1000, 0))
            .add(allocation(20, 32, 2000, 1))
            .batch()
            .add(allocation(110, 48, 7, 2))
            .batch()
            .add(allocation(210, 64, 5, 3))
            .batches();
    try (Bench before = new Bench();
        Bench after = new Bench()) {
      batches.subList(0, 2).forEach(before::pipe);
      restart(before, after, batches.subList(1, 2));
      after.read(Topics.OUTSTANDING);
      after.pipe(batches.get(2));

      IncarnationReport report = after.reports(false).getLast();
      assertThat(report.totals().lostEvents()).isEqualTo(2);
      assertThat(report.totals().outstandingBytes()).isEqualTo(7);
      assertThat(report.stacks())
          .extracting(s -> s.key().stackId(), StackNumbers::outstandingBytes)
          .containsExactly(tuple(RandomLane.stackId(2), 7L));
      assertThat(tombstones(after.read(Topics.OUTSTANDING)))
          .containsExactlyInAnyOrder(
              "session/7-70/" + RandomLane.stackId(0) + "/heap",
              "session/7-70/" + RandomLane.stackId(1) + "/heap");
    }
  }

  @Test
  void shouldForgetStacksWhenNothingOfTheLaneIsRetained() throws Exception {
    List<byte[]> batches =
        new Script()
            .add(allocation(10, 16, 1000, 0))
            .add(allocation(110, 48, 7, 2))
            .batch()
            .add(Event.of(EventCodes.FREE_HEAP, 120, 1, 16, 0, 0))
            .add(Event.of(EventCodes.END, 130, 0, 0, 0, 0))
            .batches();
    try (Bench before = new Bench();
        Bench after = new Bench()) {
      before.pipe(batches.get(0));
      restart(before, after, List.of());
      after.pipe(batches.get(1));

      IncarnationReport report = after.reports(false).getLast();
      assertThat(report.isFinal()).isTrue();
      assertThat(report.totals().lostEvents()).isEqualTo(2);
      assertThat(report.stacks()).isEmpty();
    }
  }

  @Test
  void shouldAnswerAsAQueryOverWhatIsRetainedWhenRestartedTwice() throws Exception {
    int compared = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      List<RandomLane> lanes = TopologyModelTest.lanes(random, "retained");
      List<byte[]> messages = TopologyModelTest.interleave(random, lanes);
      int firstStop = random.nextInt(messages.size() + 1);
      int stop = firstStop + random.nextInt(messages.size() - firstStop + 1);
      int firstHead = random.nextInt(firstStop + 1);
      int head = firstHead + random.nextInt(stop - firstHead + 1);
      List<byte[]> retained = messages.subList(head, messages.size());
      try (Bench one = new Bench();
          Bench two = new Bench();
          Bench three = new Bench()) {
        messages.subList(0, firstStop).forEach(one::pipe);
        List<TestRecord<byte[], byte[]>> statements =
            restart(one, two, messages.subList(firstHead, firstStop));
        messages.subList(firstStop, stop).forEach(two::pipe);
        statements.forEach(three::pipeStatement);
        restart(two, three, messages.subList(head, stop));
        messages.subList(stop, messages.size()).forEach(three::pipe);
        three.reports(false);
        heads(retained).forEach(h -> three.pipe(EventBatchBuilder.marker(h, "end").body()));

        Map<String, IncarnationReport> expected =
            Script.feed(retained, new LedgerRun(ReportQuery.WHOLE)).finish().stream()
                .collect(Collectors.toMap(BehindRetentionTest::incarnation, r -> r));
        for (IncarnationReport answer : three.reports(true)) {
          if (isOpenAndWhole(lanes, messages.subList(0, stop), retained, incarnation(answer))) {
            assertThat(numbers(answer))
                .as("seed " + (SEED + round))
                .isEqualTo(numbers(expected.get(incarnation(answer))));
            compared++;
          }
        }
      }
    }
    System.out.println(compared + " answers, seeds " + SEED + " + 0 .. " + (ROUNDS - 1));
    assertThat(compared).isPositive();
  }

  /** Gives what one service left to the next; the log begins where retention says. */
  private static List<TestRecord<byte[], byte[]>> restart(
      Bench before, Bench after, List<byte[]> retained) {
    List<TestRecord<byte[], byte[]>> statements = before.read(Topics.STATEMENTS);
    statements.forEach(after::pipeStatement);
    List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
    retained.forEach(m -> log.add(KeyValue.pair(Bench.key(m), EventBatchCodec.toMessage(m))));
    after.ledgers().restoreAll(log);
    after.read(Topics.REPORTS);
    return statements;
  }

  /** Whether every lane is retained in part, and none had ended when the service stopped. */
  private static boolean isOpenAndWhole(
      List<RandomLane> lanes, List<byte[]> before, List<byte[]> retained, String incarnation) {
    long present =
        heads(retained).stream().filter(h -> h.key().incarnationKey().equals(incarnation)).count();
    long all =
        lanes.stream().filter(lane -> lane.key().incarnationKey().equals(incarnation)).count();
    return present == all
        && before.stream()
            .map(Script::cursor)
            .filter(c -> c.header().key().incarnationKey().equals(incarnation))
            .noneMatch(BehindRetentionTest::ends);
  }

  private static boolean ends(EventCursor cursor) {
    while (cursor.next()) {
      if (cursor.code() == EventCodes.EXIT || cursor.code() == EventCodes.END) {
        return true;
      }
    }
    return false;
  }

  private static List<Object> numbers(IncarnationReport report) {
    List<Object> numbers = new ArrayList<>(List.of(report.totals()));
    for (StackNumbers s : report.stacks()) {
      numbers.add(s.key());
      numbers.add(List.of(s.outstandingBytes(), s.outstandingCount(), s.certainBytes()));
      numbers.add(List.of(s.allocations(), s.frees(), s.superseded(), s.allocatedBytes()));
    }
    return numbers;
  }

  private static List<BatchHeader> heads(List<byte[]> messages) {
    Map<String, BatchHeader> heads = new TreeMap<>();
    for (byte[] message : messages) {
      BatchHeader head = Script.cursor(message).header();
      heads.put(head.key().toString(), head);
    }
    return List.copyOf(heads.values());
  }

  private static String incarnation(IncarnationReport report) {
    return report.session() + "/" + report.incarnation();
  }

  private static List<String> tombstones(List<TestRecord<byte[], byte[]>> records) {
    return records.stream()
        .filter(r -> r.value() == null)
        .map(r -> new String(r.key(), StandardCharsets.UTF_8))
        .toList();
  }

  private static Event allocation(long time, long address, long size, int stack) {
    return Event.of(EventCodes.ALLOC_HEAP, time, 1, address, size, stack);
  }
}
