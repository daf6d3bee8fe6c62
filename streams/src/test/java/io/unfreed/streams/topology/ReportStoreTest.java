package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.record.WholeReports;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What the report stage keeps in its store is all it needs. */
class ReportStoreTest {
  @Test
  void shouldForwardTheSameWhenEverythingIsReloadedBeforeEveryRecord() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<RandomLane> lanes = TopologyModelTest.lanes(random, "reload");
      List<TestRecord<byte[], byte[]>> statements;
      try (Bench bench = new Bench()) {
        for (byte[] message : TopologyModelTest.interleave(random, lanes)) {
          bench.pipe(message);
          if (random.nextInt(5) == 0) {
            bench.pipe(
                EventBatchBuilder.marker(Script.cursor(message).header(), "m" + random.nextInt(3))
                    .body());
          }
        }
        statements = bench.read(Topics.STATEMENTS);
      }
      assertThat(run(statements, true)).as("seed " + seed).isEqualTo(run(statements, false));
    }
  }

  @Test
  void shouldForwardTheSameWhenNamesHoldWhatSeparatesKeys() throws Exception {
    List<TestRecord<byte[], byte[]>> statements = new ArrayList<>();
    for (String incarnation :
        List.of("b", "b|s|", "b|h", "b|p|0", "b|a|0|000000|", "b%7Ch", "b%")) {
      try (Bench bench = new Bench()) {
        new Script()
            .alloc(10, 1, 16, 7)
            .alloc(110, 1, 32, 8)
            .alloc(210, 1, 48, 9)
            .plain(EventCodes.END, 220, 0)
            .batches()
            .forEach(bench::pipe);
        for (TestRecord<byte[], byte[]> record : bench.read(Topics.STATEMENTS)) {
          statements.add(of("a", incarnation, record.value()));
        }
      }
    }
    // Those of one name between those of another, so that they meet in the store.
    List<TestRecord<byte[], byte[]>> mixed = new ArrayList<>();
    int each = statements.size() / 7;
    for (int i = 0; i < statements.size(); i++) {
      mixed.add(statements.get(i % 7 * each + i / 7));
    }

    assertThat(run(mixed, true)).isEqualTo(run(mixed, false)).isNotEmpty();
  }

  @Test
  void shouldKeepPartsApartWhenANameEndsAsAKeyDoes() throws Exception {
    List<TestRecord<byte[], byte[]>> statements = new ArrayList<>();
    for (String incarnation : List.of("b|p|0", "b")) {
      LaneTick part = RecordCodec.laneTicks().decode(statement());
      part.setIncarnation(incarnation);
      part.setParts(2);
      if (!incarnation.equals("b")) {
        part.getChanged().getFirst().setOutstandingBytes(999);
      }
      statements.add(
          new TestRecord<>(
              ("a/" + incarnation).getBytes(StandardCharsets.UTF_8),
              RecordCodec.laneTicks().encode(part)));
    }
    LaneTick last = RecordCodec.laneTicks().decode(statement());
    last.setIncarnation("b");
    last.setParts(2);
    last.setPart(1);
    last.setChanged(List.of());
    statements.add(
        new TestRecord<>(
            "a/b".getBytes(StandardCharsets.UTF_8), RecordCodec.laneTicks().encode(last)));

    assertThat(run(statements, true)).isEqualTo(run(statements, false)).isNotEmpty();
  }

  private static byte[] statement() {
    try (Bench bench = new Bench()) {
      new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 8).batches().forEach(bench::pipe);
      return bench.read(Topics.STATEMENTS).getFirst().value();
    }
  }

  private static TestRecord<byte[], byte[]> of(String session, String incarnation, byte[] value)
      throws MalformedBatchException {
    LaneTick tick = RecordCodec.laneTicks().decode(value);
    tick.setSession(session);
    tick.setIncarnation(incarnation);
    return new TestRecord<>(
        (session + "/" + incarnation).getBytes(StandardCharsets.UTF_8),
        RecordCodec.laneTicks().encode(tick));
  }

  @Test
  void shouldTouchTheStoreAFewTimesPerStatementWhenALaneIsFarAhead() {
    for (int ticks : new int[] {50, 800}) {
      List<TestRecord<byte[], byte[]>> statements = lanesOneBehindTheOther(ticks);
      AtomicLong operations = new AtomicLong();
      List<String> forwarded = run(statements, false, store -> counting(store, operations));

      assertThat(forwarded.stream().filter(f -> f.startsWith(Nodes.REPORTS_OUT)))
          .as("reports of the ticks and of the end")
          .hasSize(ticks + 1);
      assertThat(operations.get() / (double) statements.size())
          .as("operations per statement, " + ticks + " ticks ahead")
          .isLessThan(10);
    }
  }

  @Test
  void shouldForwardTheSameWhenALaneIsFarAheadAndEverythingIsReloaded() {
    List<TestRecord<byte[], byte[]>> statements = lanesOneBehindTheOther(40);

    assertThat(run(statements, true)).isEqualTo(run(statements, false));
  }

  @Test
  void shouldLeaveTheStoreAloneWhenNothingHappensInTheOnlyLane() {
    long[] operations = new long[2];
    for (int i = 0; i < 2; i++) {
      AtomicLong counted = new AtomicLong();
      run(quiet(3 + 100 * i), record -> false, store -> counting(store, counted));
      operations[i] = counted.get();
    }

    assertThat(operations[1]).isEqualTo(operations[0]);
  }

  @Test
  void shouldReportTheSameWhenAQuietLaneIsReadFromTheStore() {
    List<TestRecord<byte[], byte[]>> statements = quiet(9);
    List<LeakReport> expected = reports(run(statements, record -> false, store -> store));
    assertThat(expected).hasSizeGreaterThan(12);
    for (int reload = 1; reload < statements.size(); reload++) {
      int at = reload;
      assertThat(reports(run(statements, record -> record == at, store -> store)))
          .as("read before statement %d", at)
          .isEqualTo(expected);
    }
  }

  /** A lane in which nothing happens for so many ticks, and then something, and nothing again. */
  private static List<TestRecord<byte[], byte[]>> quiet(int ticks) {
    Script script = new Script().alloc(10, 1, 16, 7).alloc(20, 1, 32, 8);
    for (long tick = 1; tick <= ticks; tick++) {
      script.watermark(100 * tick + 50);
    }
    long now = 100L * ticks + 60;
    script.free(now, 1, 16);
    for (int i = 1; i <= 5; i++) {
      script.watermark(now + 100 * i);
    }
    script.plain(EventCodes.EXIT, now + 510, 1);
    try (Bench bench = new Bench()) {
      script.batches().forEach(bench::pipe);
      return bench.read(Topics.STATEMENTS);
    }
  }

  /** Reports made whole again, as a reader does. */
  private static List<LeakReport> reports(MockProcessorContext<byte[], byte[]> context) {
    WholeReports whole = new WholeReports();
    List<LeakReport> reports = new ArrayList<>();
    for (var forward : context.forwarded(Nodes.REPORTS_OUT)) {
      try {
        LeakReport report = RecordCodec.leakReports().decode(forward.record().value());
        Long sameAsTick = ReportHeaders.sameAsTick(forward.record().headers());
        reports.add(report.getTick() == null ? report : whole.next("", report, sameAsTick));
      } catch (MalformedBatchException e) {
        throw new AssertionError(e);
      }
    }
    return reports;
  }

  /** All of one lane, then all of the other; each states every tick, and its end. */
  private static List<TestRecord<byte[], byte[]>> lanesOneBehindTheOther(int ticks) {
    try (Bench bench = new Bench()) {
      for (int lane = 0; lane < 2; lane++) {
        Script script = new Script(lane, 2);
        for (int tick = 0; tick <= ticks; tick++) {
          script.alloc(100L * tick + 50, 1, 16L * (tick + 1), 1);
        }
        script.plain(EventCodes.END, 100L * ticks + 60, 0).batches().forEach(bench::pipe);
      }
      return bench.read(Topics.STATEMENTS);
    }
  }

  /** The same store; whatever is asked of it is counted. */
  @SuppressWarnings("unchecked")
  private static KeyValueStore<String, byte[]> counting(
      KeyValueStore<String, byte[]> store, AtomicLong operations) {
    return (KeyValueStore<String, byte[]>)
        Proxy.newProxyInstance(
            ReportStoreTest.class.getClassLoader(),
            new Class<?>[] {KeyValueStore.class},
            (proxy, method, arguments) -> {
              operations.incrementAndGet();
              return method.invoke(store, arguments);
            });
  }

  private static List<String> run(List<TestRecord<byte[], byte[]>> statements, boolean reload) {
    return run(statements, reload, store -> store);
  }

  private static List<String> run(
      List<TestRecord<byte[], byte[]>> statements,
      boolean reload,
      UnaryOperator<KeyValueStore<String, byte[]>> around) {
    List<String> forwarded = new ArrayList<>();
    for (var forward : run(statements, record -> reload, around).forwarded()) {
      forwarded.add(
          forward.childName().orElse("")
              + " "
              + new String(forward.record().key(), java.nio.charset.StandardCharsets.UTF_8)
              + " "
              + HexFormat.of().formatHex(forward.record().value()));
    }
    return forwarded;
  }

  /** What a processor forwards that begins anew with its store before some of the statements. */
  private static MockProcessorContext<byte[], byte[]> run(
      List<TestRecord<byte[], byte[]>> statements,
      IntPredicate isReloaded,
      UnaryOperator<KeyValueStore<String, byte[]>> around) {
    MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
    context.setCurrentSystemTimeMs(0);
    KeyValueStore<String, byte[]> store = ReportStores.inMemory();
    store.init(context.getStateStoreContext(), around.apply(store));
    ReportProcessor processor = null;
    for (int i = 0; i < statements.size(); i++) {
      if (processor == null || isReloaded.test(i)) {
        processor = new ReportProcessor(Commits.paces());
        processor.init(context);
      }
      TestRecord<byte[], byte[]> statement = statements.get(i);
      processor.process(new Record<>(statement.key(), statement.value(), 0));
    }
    store.close();
    return context;
  }
}
