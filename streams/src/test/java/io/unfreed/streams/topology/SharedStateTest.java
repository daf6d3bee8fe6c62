package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.RandomLane;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the tasks know together is what a query over the same events answers. */
class SharedStateTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 40);
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  private static final ReportQuery EVERY_BLOCK =
      new ReportQuery(
          SizeRange.ALL,
          0,
          null,
          null,
          new BlockQuestion(Window.ALWAYS, null, SizeRange.ALL, 0, BlockQuestion.Dimension.NONE));

  @Test
  void shouldAnswerAsAQueryDoesAtAnyMoment() throws IOException {
    int asked = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      List<RandomLane> lanes = TopologyModelTest.lanes(random, "r" + round);
      List<byte[]> seen = new ArrayList<>();
      try (Bench bench = new Bench()) {
        for (byte[] message : TopologyModelTest.interleave(random, lanes)) {
          bench.pipe(message);
          seen.add(message);
          if (random.nextInt(8) == 0) {
            bench.pipe(
                EventBatchBuilder.marker(Script.cursor(message).header(), "m" + random.nextInt(3))
                    .body());
          }
          if (random.nextInt(4) == 0) {
            asked += askAll("seed " + (SEED + round) + " after " + seen.size(), bench, seen);
          }
        }
        asked += askAll("seed " + (SEED + round) + " at the end", bench, seen);
      }
    }
    assertThat(asked).isGreaterThan(5 * ROUNDS);
    System.out.println("shared state: seeds " + SEED + " + 0 .. " + (ROUNDS - 1));
  }

  private static int askAll(String what, Bench bench, List<byte[]> seen) throws IOException {
    Map<String, List<byte[]>> bySession =
        seen.stream()
            .collect(Collectors.groupingBy(m -> Script.cursor(m).header().key().session()));
    for (Map.Entry<String, List<byte[]>> one : bySession.entrySet()) {
      LedgerRun run = Script.feed(one.getValue(), new LedgerRun(EVERY_BLOCK));
      List<IncarnationReport> expected = run.finish();
      SharedState state = state(sent(bench.share(one.getKey())));

      assertThat(state).as(what).isNotNull();
      assertThat(state.reports())
          .as(what + " " + one.getKey())
          .usingRecursiveComparison()
          .isEqualTo(expected);
      assertThat(List.copyOf(state.marks())).as(what).isEqualTo(List.copyOf(run.marks()));
      for (IncarnationReport report : expected) {
        assertThat(counts(state, report)).as(what).isEqualTo(counts(run.chosen(report)));
      }
    }
    return bySession.size();
  }

  /** As it comes at another instance. */
  private static TaskShare sent(TaskShare share) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TaskShares.write(List.of(share), bytes);
    return TaskShares.read(new ByteArrayInputStream(bytes.toByteArray())).getFirst();
  }

  private static SharedState state(TaskShare... shares) {
    return SharedState.of(List.of(shares), WriterSchemas.NONE);
  }

  private static Map<StackKey, Counts> counts(Map<BlockKey, BlockNumbers> blocks) {
    Map<StackKey, Counts> counts = new HashMap<>();
    blocks.forEach((key, numbers) -> counts.put(key.stack(), numbers.counts()));
    return counts;
  }

  private static Map<StackKey, Counts> counts(SharedState state, IncarnationReport report) {
    return state.stacks().get(report.session() + "/" + report.incarnation()).stream()
        .filter(stack -> stack.counts().allocations() > 0)
        .collect(Collectors.toMap(StackNumbers::key, StackNumbers::counts));
  }

  private static Script script() {
    return new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 8).alloc(130, 1, 48, 9);
  }

  @Test
  void shouldSayNothingWhenALaneEndsBetweenTheLooksAtItsReportAndAtItsLedger() {
    List<byte[]> batches = script().plain(EventCodes.END, 220, 0).batches();
    try (Bench bench = new Bench()) {
      batches.subList(0, batches.size() - 1).forEach(bench::pipe);
      TaskShare before = bench.share("session");
      bench.pipe(batches.getLast());
      TaskShare behind = bench.share("session");

      assertThat(state(behind.withMerged(before.merged()))).isNull();
      // The other way round the end is known, and counts.
      assertThat(state(before.withMerged(behind.merged())).reports())
          .usingRecursiveComparison()
          .isEqualTo(state(behind).reports());
      assertThat(state(behind).reports().getFirst().isFinal()).isTrue();
    }
  }

  @Test
  void shouldSayNothingWhenTheLedgerOfALaneIsGone() {
    try (Bench bench = new Bench()) {
      script().watermark(500).batches().forEach(bench::pipe);
      TaskShare share = bench.share("session");
      assertThat(state(share).isOpen()).isTrue();
      bench.ledgers().ledgers().tidy(1_000_000, 1_000_001);

      assertThat(state(bench.share("session"))).isNull();
    }
  }

  @Test
  void shouldSayNothingWhenAProcessWasGivenUpForWantOfMemory() {
    try (Bench bench = new Bench(LaneBudget.ofBytes(96))) {
      script().batches().forEach(bench::pipe);

      assertThat(state(bench.share("session"))).isNull();
    }
  }

  @Test
  void shouldKnowTheMarksOfBeforeARestart() {
    try (Bench bench = new Bench();
        Bench again = new Bench()) {
      script().batches().forEach(bench::pipe);
      bench.ledgers().ledgers().lanes().marks().add("session", mark());
      SnapshotOut out = new SnapshotOut();
      bench.ledgers().ledgers().snapshotTo(out);
      again.ledgers().ledgers().restoreFrom(new SnapshotIn(out.finish()));

      assertThat(again.share("session").marks()).containsExactly(mark());
    }
  }

  @Test
  void shouldNotSayThatThereAreNoMarksWhenItForgotSome() {
    try (Bench bench = new Bench()) {
      script().batches().forEach(bench::pipe);
      SessionMarks marks = bench.ledgers().ledgers().lanes().marks();
      for (int i = 0; i <= SessionMarks.MOST; i++) {
        marks.add("session", new io.unfreed.streams.query.Mark("session/7-70", "m", i));
      }

      assertThat(bench.share("session").marks()).isNull();
      assertThat(state(bench.share("session")).marks()).isNull();
      assertThat(bench.share("other").marks()).isEmpty();
    }
  }

  private static io.unfreed.streams.query.Mark mark() {
    return new io.unfreed.streams.query.Mark("session/7-70", "here", 120);
  }
}
