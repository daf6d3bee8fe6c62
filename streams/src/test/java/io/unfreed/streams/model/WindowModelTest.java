package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.BlockQuestion.Dimension;
import io.unfreed.streams.window.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Born in [A,B), live at C or freed in [C,D), grouped by G: random questions about random
 * recordings, against every block of the model. -Dunfreed.sequences=N for more.
 */
class WindowModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 1000);
  private static final int QUESTIONS = 4;
  private static final long SEED = Long.getLong("unfreed.seed", 815);

  @Test
  void shouldChooseWhatTheModelChoosesWhenQuestionsAreRandom() {
    long blocks = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      Random random = new Random(SEED + i);
      List<RandomLane> lanes = QueryModelTest.lanes(random, i);
      List<byte[]> messages = QueryModelTest.interleave(random, lanes);
      for (int k = 0; k < QUESTIONS; k++) {
        ReportQuery query = query(random, lanes);
        blocks += check("seed " + (SEED + i) + " " + query, lanes, messages, query);
      }
    }
    assertThat(blocks).isGreaterThan(SEQUENCES);
    System.out.println(
        "windows: seeds " + SEED + " + 0 .. " + (SEQUENCES - 1) + ", " + blocks + " blocks chosen");
  }

  @Test
  void shouldAddUpWhenWindowsAreCutAnywhere() {
    for (int i = 0; i < SEQUENCES; i++) {
      Random random = new Random(SEED + i);
      List<RandomLane> lanes = QueryModelTest.lanes(random, i);
      List<byte[]> messages = QueryModelTest.interleave(random, lanes);
      long cut = random.nextInt(900);
      Window before = new Window(Long.MIN_VALUE, cut);
      Window behind = new Window(cut, Long.MAX_VALUE);
      Counts whole = counts(messages, Window.ALWAYS);
      Counts parts = counts(messages, before).plus(counts(messages, behind));
      assertThat(parts).as("seed " + (SEED + i) + " cut at " + cut).isEqualTo(whole);
    }
  }

  private static Counts counts(List<byte[]> messages, Window born) {
    BlockQuestion question = new BlockQuestion(born, null, SizeRange.ALL, 0, Dimension.NONE);
    ReportQuery query = new ReportQuery(SizeRange.ALL, 0, null, null, question);
    LedgerRun run = Script.feed(messages, new LedgerRun(query));
    Counts sum = Counts.NONE;
    for (IncarnationReport report : run.finish()) {
      for (BlockNumbers numbers : run.chosen(report).values()) {
        sum = sum.plus(numbers.counts());
      }
      if (born.equals(Window.ALWAYS)) {
        assertThat(sum).isEqualTo(report.totals().counts());
      }
    }
    return sum;
  }

  static ReportQuery query(Random random, List<RandomLane> lanes) {
    boolean timed = lanes.getFirst().delivered().tick() > 0;
    long min = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
    long max = random.nextInt(3) == 0 ? min + random.nextInt(5000) : Long.MAX_VALUE;
    long older = timed && random.nextInt(3) == 0 ? random.nextInt(300) : 0;
    SizeRange sizes = new SizeRange(min, max);
    Dimension[] dimensions = Dimension.values();
    BlockQuestion question =
        new BlockQuestion(
            random.nextInt(3) == 0 ? Window.ALWAYS : window(random),
            random.nextBoolean() ? null : window(random),
            sizes,
            older,
            dimensions[random.nextInt(dimensions.length)]);
    Long at = timed && random.nextBoolean() ? (Long) (long) random.nextInt(1200) : null;
    return new ReportQuery(sizes, older, at, null, question);
  }

  private static Window window(Random random) {
    long from = random.nextInt(900);
    return switch (random.nextInt(4)) {
      case 0 -> new Window(Long.MIN_VALUE, from);
      case 1 -> new Window(from, Long.MAX_VALUE);
      default -> new Window(from, from + random.nextInt(600));
    };
  }

  private static long check(
      String what, List<RandomLane> lanes, List<byte[]> messages, ReportQuery query) {
    LedgerRun run = Script.feed(messages, new LedgerRun(query));
    LedgerRun plain =
        Script.feed(
            messages,
            new LedgerRun(
                new ReportQuery(query.sizes(), query.olderNanos(), query.atNanos(), null)));
    List<IncarnationReport> reports = run.finish();
    assertThat(reports).as(what).isEqualTo(plain.finish());
    long until = query.atNanos() == null ? Long.MAX_VALUE : query.atNanos();
    List<Delivered> delivered =
        lanes.stream().map(RandomLane::delivered).filter(d -> !d.items().isEmpty()).toList();
    if (delivered.isEmpty()) {
      assertThat(reports).as(what).isEmpty();
      return 0;
    }
    long moment = delivered.stream().mapToLong(d -> d.lastTime(until)).max().getAsLong();
    Map<BlockKey, BlockNumbers> expected = new HashMap<>();
    for (Delivered lane : delivered) {
      ReferenceModel model = lane.asOf(until, size -> true, null);
      all(query.blocks(), model, moment, lanes.getFirst().freeStacks())
          .forEach((key, numbers) -> expected.merge(key, numbers, BlockNumbers::plus));
    }
    Map<BlockKey, BlockNumbers> chosen = new HashMap<>(run.chosen(reports.getFirst()));
    assertThat(chosen).as(what).isEqualTo(expected);
    return expected.values().stream().mapToLong(BlockNumbers::chosenCount).sum();
  }

  /** Every block of a lane, one by one. */
  private static Map<BlockKey, BlockNumbers> all(
      BlockQuestion question, ReferenceModel model, long moment, boolean freeStacks) {
    Map<BlockKey, BlockNumbers> all = new HashMap<>();
    for (Tally.Closed gone : model.closed) {
      Tally.Block b = gone.block();
      if (question.born().contains(b.born) && question.sizes().passes(b.size)) {
        boolean free = gone.why().equals("frees");
        boolean chosen =
            free
                && question.freed() != null
                && question.freed().contains(gone.now())
                && Math.max(0, gone.stamp() - b.time) >= question.olderNanos();
        Counts counts =
            new Counts(
                1,
                free ? 1 : 0,
                gone.why().equals("superseded") ? 1 : 0,
                gone.why().equals("closedByExec") ? 1 : 0,
                b.size,
                0,
                0,
                0);
        StackId by = free ? releaser(freeStacks ? gone.by() : EventCursor.NO_STACK) : null;
        all.merge(
            key(question, b, by),
            new BlockNumbers(counts, chosen ? 1 : 0, chosen ? b.size : 0, null),
            BlockNumbers::plus);
      }
    }
    for (Tally.Block b : new ArrayList<>(model.owner.values()).stream().distinct().toList()) {
      if (question.born().contains(b.born) && question.sizes().passes(b.size)) {
        boolean chosen =
            question.freed() == null && Math.max(0, moment - b.time) >= question.olderNanos();
        boolean certain = chosen && b.time > model.doubtfulUntil && !model.inPart;
        Counts counts =
            new Counts(
                1, 0, 0, 0, b.size, chosen ? b.left : 0, chosen ? 1 : 0, certain ? b.left : 0);
        all.merge(
            key(question, b, null),
            new BlockNumbers(counts, 0, 0, chosen ? b.clock : null),
            BlockNumbers::plus);
      }
    }
    return all;
  }

  private static StackId releaser(int stack) {
    return stack == EventCursor.NO_STACK ? StackId.UNKNOWN : RandomLane.stackId(stack);
  }

  private static BlockKey key(BlockQuestion question, Tally.Block b, StackId by) {
    return new BlockKey(
        Expectation.stackKey(b.key),
        switch (question.dimension()) {
          case NONE, RELEASER -> null;
          case THREAD -> (Long) (long) b.thread;
          case SIZE -> b.size;
        },
        question.dimension() == Dimension.RELEASER ? by : null);
  }
}
