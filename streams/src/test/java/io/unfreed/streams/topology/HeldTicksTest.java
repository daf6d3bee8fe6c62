package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.lane.QuietTicks;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.record.ToldTicks;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.nio.charset.StandardCharsets;
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

  /** Of those in tests of many rounds. */
  private static final int CROWD = 3;

  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 20261123);

  @Test
  void shouldForwardAFewRecordsPerProcessWhenManyAreSilentForLong() throws Exception {
    int ticks = 3 * QuietTicks.MOST;
    List<Script> scripts = new ArrayList<>();
    try (Bench bench = new Bench()) {
      for (int i = 0; i < PROCESSES; i++) {
        scripts.add(silent(Script.of(1 + i + "-1"), 1, ticks));
      }
      for (int i = 0; i <= ticks; i++) {
        for (Script script : scripts) {
          bench.pipe(script.batches().get(i));
        }
      }

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
      silent(new Script(), 1, 20).batches().forEach(bench::pipe);
      assertThat(bench.read(Topics.REPORTS)).hasSize(20);
    }
  }

  /** The recorders of the others were killed: nothing comes of them, but they are retained. */
  @Test
  void shouldPublishEveryTickAsItPassesWhenAllOthersAreDead() {
    try (Bench bench = new Bench()) {
      crowd(PROCESSES).forEach(bench::pipe);
      silent(new Script(), 1, 20).batches().forEach(bench::pipe);
      assertThat(bench.read(Topics.REPORTS)).hasSize(20);
    }
  }

  @Test
  void shouldPublishWhatWaitsWhenTheOthersHaveDied() {
    try (Bench bench = new Bench()) {
      Script script = silent(new Script(), 1, 10);
      for (byte[] batch : script.batches()) {
        crowd(Lanes.FEW).forEach(bench::pipe);
        bench.pipe(batch);
      }
      assertThat(bench.read(Topics.REPORTS)).as("the first two").hasSize(2);
      silent(script, 11, 13).batches().stream().skip(11).forEach(bench::pipe);
      assertThat(bench.read(Topics.REPORTS)).as("3 to 10, 11, 12, 13").hasSize(4);
    }
  }

  /** Nobody would hear of the ticks that the first service held back, and the second states. */
  @Test
  void shouldMissNoTickWhenARestartFindsFewerLanesRetained() throws Exception {
    List<byte[]> batches = silent(new Script(), 1, 20).batches();
    try (Bench bench = new Bench();
        Bench restarted = new Bench()) {
      crowd(PROCESSES).forEach(bench::pipe);
      batches.subList(0, 11).forEach(bench::pipe);
      bench.read(Topics.STATEMENTS).stream()
          .filter(HeldTicksTest::isOfScript)
          .forEach(restarted::pipeStatement);
      restarted
          .ledgers()
          .restoreAll(batches.subList(0, 11).stream().map(HeldTicksTest::logged).toList());
      batches.subList(11, 21).forEach(restarted::pipe);
      assertThat(ofScript(restarted)).isEqualTo(query(batches).subList(0, 20));
    }
  }

  /** What held none back had told the ticks that the one behind it finds waiting. */
  @Test
  void shouldTellEachTickOnceWhenTheServiceIsUpgraded() throws Exception {
    List<byte[]> batches = silent(new Script(), 1, 20).batches();
    List<byte[]> before = amongOthers(batches.subList(0, 11));
    try (Bench old = new Bench(Lanes.NEVER);
        Bench upgraded = new Bench(CROWD)) {
      before.forEach(old::pipe);
      old.read(Topics.STATEMENTS).forEach(upgraded::pipeStatement);
      upgraded.ledgers().restoreAll(before.stream().map(HeldTicksTest::logged).toList());
      amongOthers(batches.subList(11, 21)).forEach(upgraded::pipe);
      upgraded.pipe(end(batches));
      assertThat(ofScript(upgraded).subList(0, 20)).isEqualTo(query(batches).subList(0, 20));
    }
  }

  /** Quiet ticks leave the report store alone, so that nobody knows that they were published. */
  @Test
  void shouldReadEachTickOnceWhenBothStagesAreUpgraded() throws Exception {
    List<byte[]> batches = silent(new Script(), 1, 20).batches();
    List<byte[]> before = amongOthers(batches.subList(0, 11));
    List<TestRecord<byte[], byte[]>> published = new ArrayList<>();
    try (Bench old = new Bench(Lanes.NEVER);
        Bench upgraded = new Bench(CROWD)) {
      before.forEach(old::pipe);
      published.addAll(old.read(Topics.REPORTS));
      old.read(Topics.STATEMENTS).stream().limit(2).forEach(upgraded::pipeStatement);
      upgraded.read(Topics.REPORTS);
      upgraded.ledgers().restoreAll(before.stream().map(HeldTicksTest::logged).toList());
      amongOthers(batches.subList(11, 21)).forEach(upgraded::pipe);
      upgraded.pipe(end(batches));
      published.addAll(upgraded.read(Topics.REPORTS));
    }
    ToldTicks told = new ToldTicks();
    List<IncarnationReport> read = new ArrayList<>();
    for (TestRecord<byte[], byte[]> record : published) {
      told.next(
              "session/7-70",
              RecordCodec.leakReports().decode(record.value()),
              ReportHeaders.sameAsTick(record.headers()),
              ReportHeaders.quietSince(record.headers()))
          .forEach(report -> read.add(ReportRecords.fromRecord(report)));
    }
    assertThat(published.stream().map(r -> ReportHeaders.quietSince(r.headers())))
        .as("the first tick of those that were told twice")
        .contains(3L);
    assertThat(read.subList(0, 20)).isEqualTo(query(batches).subList(0, 20));
  }

  @Test
  void shouldPublishWhatAQueryAnswersWhenSilenceIsInterruptedAndTheServiceRestarts()
      throws Exception {
    long held = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      List<byte[]> batches = eventful(random);
      List<KeyValue<byte[], byte[]>> all = amongOthers(batches, random);
      int restart = random.nextInt(all.size());
      int written = random.nextBoolean() ? random.nextInt(restart + 1) : -1;
      try (Bench bench = new Bench(CROWD);
          Bench undisturbed = new Bench(CROWD);
          Bench restarted = new Bench(CROWD)) {
        List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
        for (int i = 0; i < restart; i++) {
          if (i == written) {
            restarted.ledgers().ledgers().restoreFrom(writtenDown(undisturbed));
            log.clear();
          }
          log.add(all.get(i));
          undisturbed.pipe(all.get(i).key, all.get(i).value);
        }
        undisturbed.read(Topics.STATEMENTS).forEach(restarted::pipeStatement);
        restarted.ledgers().restoreAll(log);
        all.forEach(record -> bench.pipe(record.key, record.value));
        all.stream().skip(restart).forEach(record -> restarted.pipe(record.key, record.value));

        List<IncarnationReport> expected = query(batches);
        String what = "seed " + (SEED + round);
        held += bench.read(Topics.STATEMENTS).stream().filter(HeldTicksTest::isOfSeveral).count();
        assertThat(ofScript(bench)).as(what).isEqualTo(expected);
        assertThat(ofScript(restarted))
            .as(what + ", restart " + restart + ", written " + written)
            .isEqualTo(expected);
      }
    }
    assertThat(held).isPositive();
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

  /** The end of a process of which only that is missing. */
  private static byte[] end(List<byte[]> batches) {
    Script script = silent(new Script(), 1, batches.size() - 1L);
    return script.plain(EventCodes.EXIT, batches.size() * 100L, 1).batches().getLast();
  }

  /** Batches among others of processes that go on. */
  private static List<byte[]> amongOthers(List<byte[]> batches) {
    List<byte[]> all = new ArrayList<>();
    for (byte[] batch : batches) {
      all.addAll(crowd(CROWD));
      all.add(batch);
    }
    return all;
  }

  /**
   * The same as records among others that go on, or do not for a while; of one of them nothing can
   * be read any more.
   */
  private static List<KeyValue<byte[], byte[]>> amongOthers(List<byte[]> batches, Random random) {
    List<KeyValue<byte[], byte[]>> all = new ArrayList<>();
    KeyValue<byte[], byte[]> unlike = logged(silent(Script.of("8-1"), 1, 1).batches().getFirst());
    all.add(unlike);
    boolean areAlive = true;
    for (byte[] batch : batches) {
      areAlive ^= random.nextInt(30) == 0;
      if (areAlive) {
        crowd(CROWD).forEach(other -> all.add(logged(other)));
      }
      if (random.nextInt(8) == 0) {
        all.add(KeyValue.pair(unlike.key, new byte[] {1}));
      }
      all.add(logged(batch));
    }
    return all;
  }

  /** Batches of other processes; when they come again, they say that these go on. */
  private static List<byte[]> crowd(int processes) {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      batches.addAll(Script.of("9" + i + "-1").alloc(10, 1, 16, 8).batches());
    }
    return batches;
  }

  /** One block, and then nothing; a batch for each tick from one to another. */
  private static Script silent(Script script, long from, long to) {
    if (from == 1) {
      script.alloc(10, 1, 16, 8).batch();
    }
    for (long tick = from; tick <= to; tick++) {
      script.watermark(tick * 100 + 50);
    }
    return script;
  }

  private static KeyValue<byte[], byte[]> logged(byte[] batch) {
    return KeyValue.pair(Bench.key(batch), EventBatchCodec.toMessage(batch));
  }

  private static SnapshotIn writtenDown(Bench bench) {
    SnapshotOut out = new SnapshotOut();
    bench.ledgers().ledgers().snapshotTo(out);
    return new SnapshotIn(out.finish());
  }

  private static boolean isOfScript(TestRecord<byte[], byte[]> statement) {
    return new String(statement.key(), StandardCharsets.UTF_8).equals("session/7-70");
  }

  private static boolean isOfSeveral(TestRecord<byte[], byte[]> statement) {
    return isOfScript(statement) && ReportHeaders.quietSince(statement.headers()) != null;
  }

  private static List<IncarnationReport> ofScript(Bench bench) throws Exception {
    return bench.reports(false).stream().filter(r -> r.incarnation().equals("7-70")).toList();
  }

  private static List<IncarnationReport> query(List<byte[]> batches) {
    List<byte[]> recorded =
        batches.stream().filter(batch -> !Script.cursor(batch).header().isMarker()).toList();
    return Script.feed(recorded, new LedgerRun(new ReportQuery(SizeRange.ALL, 0, null, 100L)))
        .finish();
  }
}
