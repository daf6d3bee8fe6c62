package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.QuietTicks;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Many silent processes: their ticks are published many at once, and none of them is missing. */
class HeldTicksTest {
  private static final int PROCESSES = 2 * Lanes.FEW;
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 20261123);

  @Test
  void shouldForwardAFewRecordsPerProcessWhenManyAreSilentForLong() throws Exception {
    int ticks = 3 * QuietTicks.MOST;
    List<Script> scripts = new ArrayList<>();
    try (Bench bench = new Bench()) {
      for (int i = 0; i < PROCESSES; i++) {
        Script script = Script.of(1 + i + "-1").alloc(10, 1, 16, 8);
        scripts.add(script);
      }
      pipeNew(bench, scripts);
      for (long tick = 1; tick <= ticks; tick++) {
        for (Script script : scripts) {
          script.watermark(tick * 100 + 50);
        }
      }
      scripts.forEach(script -> script.batches().stream().skip(1).forEach(bench::pipe));

      // Two that say what is there, and then each that says it of MOST ticks.
      assertThat(bench.read(Topics.STATEMENTS)).hasSize(PROCESSES * (2 + 2));
      List<IncarnationReport> reports = bench.reports(false);
      for (Script script : List.of(scripts.getFirst(), scripts.getLast())) {
        List<IncarnationReport> whole = query(script.batches());
        List<IncarnationReport> mine =
            reports.stream()
                .filter(r -> r.incarnation().equals(whole.getFirst().incarnation()))
                .toList();
        assertThat(mine).isEqualTo(whole.subList(0, 2 + 2 * QuietTicks.MOST));
      }
    }
  }

  @Test
  void shouldPublishEveryTickAsItPassesWhenProcessesAreFew() {
    try (Bench bench = new Bench()) {
      Script script = new Script().alloc(10, 1, 16, 8);
      for (long tick = 1; tick <= 20; tick++) {
        script.watermark(tick * 100 + 50);
      }
      script.batches().forEach(bench::pipe);
      assertThat(bench.read(Topics.REPORTS)).hasSize(20);
    }
  }

  @Test
  void shouldPublishWhatAQueryAnswersWhenSilenceIsInterruptedAndTheServiceRestarts()
      throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      List<byte[]> batches = eventful(random);
      int restart = random.nextInt(batches.size());
      try (Bench bench = new Bench();
          Bench undisturbed = new Bench();
          Bench restarted = new Bench()) {
        List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
        for (byte[] batch : crowd()) {
          log.add(KeyValue.pair(Bench.key(batch), EventBatchCodec.toMessage(batch)));
          undisturbed.pipe(batch);
          bench.pipe(batch);
        }
        bench.reports(false);
        for (byte[] batch : batches.subList(0, restart)) {
          log.add(KeyValue.pair(Bench.key(batch), EventBatchCodec.toMessage(batch)));
          undisturbed.pipe(batch);
        }
        undisturbed.read(Topics.STATEMENTS).forEach(restarted::pipeStatement);
        restarted.ledgers().restoreAll(log);
        batches.forEach(bench::pipe);
        batches.stream().skip(restart).forEach(restarted::pipe);

        List<IncarnationReport> expected = query(batches);
        String what = "seed " + (SEED + round);
        assertThat(ofScript(bench)).as(what).isEqualTo(expected);
        assertThat(ofScript(restarted)).as(what + ", restart " + restart).isEqualTo(expected);
      }
    }
  }

  @Test
  void shouldReadOnlyTheReportItselfWhenItsHeaderClaimsMoreTicksThanAreHeld() throws Exception {
    try (Bench bench = new Bench()) {
      Script script = new Script().alloc(10, 1, 16, 8).watermark(1_000_050);
      script.batches().forEach(bench::pipe);
      for (TestRecord<byte[], byte[]> statement : bench.read(Topics.STATEMENTS)) {
        try (Bench other = new Bench()) {
          RecordHeaders headers = new RecordHeaders();
          ReportHeaders.add(headers, ReportHeaders.QUIET_SINCE, 1);
          other.pipeStatement(new TestRecord<>(statement.key(), statement.value(), headers));
          assertThat(other.reports(false)).hasSize(1);
        }
      }
    }
  }

  /** Silence, events, markers, losses and skipped ticks at random, and an end. */
  private static List<byte[]> eventful(Random random) {
    Script script = new Script();
    long time = 10;
    int next = 1;
    for (int i = 0; i < 12; i++) {
      switch (random.nextInt(5)) {
        case 0 -> script.alloc(time, 1, 16L * next++, 1 + random.nextInt(40)).batch();
        case 1 -> script.free(time, 1, 16L * (1 + random.nextInt(next))).batch();
        case 2 -> script.alloc(time, 2, 16L * next++, 8).dropped();
        default -> {
          for (int silent = random.nextInt(90); silent > 0; silent--) {
            time += random.nextInt(20) == 0 ? 350 : 100;
            script.watermark(time);
          }
        }
      }
      time += random.nextInt(150);
      List<byte[]> batches = script.batches();
      if (random.nextInt(4) == 0 && !batches.isEmpty()) {
        batches.add(
            EventBatchBuilder.marker(Script.cursor(batches.getLast()).header(), "m" + i).body());
      }
    }
    return script.plain(EventCodes.EXIT, time + 10, 1).batches();
  }

  /** Other processes, enough for ticks to be held back. */
  private static List<byte[]> crowd() {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < Lanes.FEW; i++) {
      batches.addAll(Script.of("9" + i + "-1").alloc(10, 1, 16, 8).batches());
    }
    return batches;
  }

  private static List<IncarnationReport> ofScript(Bench bench) throws Exception {
    return bench.reports(false).stream().filter(r -> r.incarnation().equals("7-70")).toList();
  }

  private static void pipeNew(Bench bench, List<Script> scripts) {
    scripts.forEach(script -> script.batches().forEach(bench::pipe));
  }

  private static List<IncarnationReport> query(List<byte[]> batches) {
    List<byte[]> recorded =
        batches.stream().filter(batch -> !Script.cursor(batch).header().isMarker()).toList();
    return Script.feed(recorded, new LedgerRun(new ReportQuery(SizeRange.ALL, 0, null, 100L)))
        .finish();
  }
}
