package io.unfreed.streams.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import io.unfreed.schemas.wire.RecordKeys;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Statements against all the single latencies that they are made of. */
class TraceBookTest {
  private static final int TICKS = 12;

  @Test
  void shouldTellWhatEveryLatencySaysWhateverOrderTheKeysComeIn() {
    for (int seed = 0; seed < 40; seed++) {
      RandomTrace trace = new RandomTrace(seed, "s", "syscalls", TICKS);
      List<TraceStatement> shuffled = new ArrayList<>(trace.statements);
      shuffled.addAll(trace.statements.subList(0, seed));
      Collections.shuffle(shuffled, new Random(seed));
      TraceView view = view(shuffled, null);

      assertThat(latencies(view)).isEqualTo(expected(trace.latencies.getLast()));
      assertThat(view.head().getEnded()).isTrue();
      assertThat(view.missing()).isZero();
      assertThat(view.slow().stream().map(slow -> slow.getSubject()))
          .containsExactly(10L, 11L, 12L);
    }
  }

  @Test
  void shouldTellTheStateOfATickWhenAMomentIsAskedFor() {
    RandomTrace trace = new RandomTrace(3, "s", "locks", TICKS);
    for (int tick = 1; tick <= TICKS; tick++) {
      TraceView view = view(trace.statements, (tick + 1) * RandomTrace.TICK_NANOS - 1);

      assertThat(latencies(view)).isEqualTo(expected(trace.latencies.get(tick - 1)));
      assertThat(view.head().getEnded()).isEqualTo(tick == TICKS);
      assertThat(view.missing()).isZero();
    }
    assertThat(new TraceBook(0L).view()).isEmpty();
  }

  @Test
  void shouldTellATickPerIntervalAndTheLastWhenStatementsComeTwiceAndInAnyOrderOfKeys() {
    RandomTrace trace = new RandomTrace(6, "s", "locks", TICKS);
    List<TraceStatement> mixed = new ArrayList<>(trace.statements);
    mixed.addAll(trace.statements);
    mixed.sort(Comparator.comparing(RecordKeys::of)); // as partitions are read, one by one
    for (int every = 1; every <= TICKS + 1; every++) {
      TraceBook book = new TraceBook(null, every * RandomTrace.TICK_NANOS);
      mixed.forEach(book::add);
      List<Long> ticks = new ArrayList<>();
      for (TraceView view : book.views()) {
        long tick = view.atNanos() / RandomTrace.TICK_NANOS;
        ticks.add(tick);
        TraceView alone = view(trace.statements, view.atNanos());
        assertThat(latencies(view)).isEqualTo(expected(trace.latencies.get((int) tick - 1)));
        assertThat(view.slow()).isEqualTo(alone.slow());
        assertThat(view.head()).isEqualTo(alone.head());
        assertThat(view.missing()).isZero();
      }
      int step = every;
      assertThat(ticks)
          .isEqualTo(
              LongStream.rangeClosed(1, TICKS)
                  .filter(tick -> tick % step == 0 || tick == TICKS)
                  .boxed()
                  .toList());
    }
  }

  @Test
  void shouldTellTheLastWholeTickWhenTheRecorderWasKilledAnywhere() {
    RandomTrace trace = new RandomTrace(4, "s", "syscalls", TICKS);
    for (int cut = 0; cut <= trace.statements.size(); cut++) {
      List<TraceStatement> left = trace.statements.subList(0, cut);
      long heads = left.stream().filter(statement -> statement.getHead() != null).count();
      TraceBook book = new TraceBook(null);
      left.forEach(book::add);
      if (heads == 0) {
        assertThat(book.view()).isEmpty();
        continue;
      }
      TraceView view = book.view().orElseThrow();

      assertThat(latencies(view)).isEqualTo(expected(trace.latencies.get((int) heads - 1)));
      assertThat(view.missing()).isZero();
    }
  }

  @Test
  void shouldCountTheStatementsThatDidNotCome() {
    RandomTrace trace = new RandomTrace(5, "s", "syscalls", TICKS);
    List<TraceStatement> some = new ArrayList<>(trace.statements);
    some.remove(7);
    some.remove(0);

    assertThat(view(some, null).missing()).isEqualTo(2);
  }

  @Test
  void shouldCountTheMemoryOfHeadsAndOfRowsWhoseFirstStatementDidNotCome() {
    TraceStatement row = new RandomTrace(7, "s", "syscalls", 1).statements.getFirst();
    TraceStatement head = new RandomTrace(7, "s", "syscalls", 1).statements.getLast();
    TraceBook begun = new TraceBook(null);
    begun.add(row);
    TraceBook cut = new TraceBook(null);
    cut.add(TraceStatement.newBuilder(row).setSequence(1).build());
    assertThat(cut.heldBytes()).isGreaterThan(begun.heldBytes());

    long rows = cut.heldBytes();
    for (long tick = 1; tick <= 100; tick++) {
      cut.add(TraceStatement.newBuilder(head).setSequence(tick - 1).setTick(tick).build());
      cut.add(TraceStatement.newBuilder(row).setSequence(tick).setTick(tick).build());
    }
    long heads = cut.heldBytes() - rows;
    assertThat(heads).isGreaterThanOrEqualTo(100 * 512);
    cut.add(TraceStatement.newBuilder(head).setSequence(99).setTick(100).build());
    assertThat(cut.heldBytes()).as("a repeat").isEqualTo(rows + heads);
    cut.add(row);
    assertThat(cut.heldBytes()).as("its first one came").isEqualTo(begun.heldBytes() + heads);
  }

  @Test
  void shouldAddUpToTheWholeWhenWindowsAreDifferences() {
    for (int seed = 0; seed < 40; seed++) {
      RandomTrace trace = new RandomTrace(seed, "s", "syscalls", TICKS);
      Map<String, TraceStatement> before = new HashMap<>();
      Map<String, List<Long>> sums = new TreeMap<>();
      for (TraceStatement now : trace.statements) {
        String key = RecordKeys.of(now);
        TraceStatement last = before.put(key, now);
        TraceWindow window = TraceDifference.of(last, now);
        assertThat(window.getMissing()).isZero();
        if (window.getRow() != null) {
          assertThat(window.getRow().getSlots()).isEqualTo(RandomTrace.slots(added(trace, now)));
          check(window, added(trace, now));
          sums.merge(name(window.getRow()), numbers(window.getRow()), TraceBookTest::plus);
        }
      }
      Map<String, List<Long>> whole = new TreeMap<>();
      view(trace.statements, null).rows().forEach(row -> whole.put(name(row), numbers(row)));
      assertThat(sums).isEqualTo(whole);
    }
  }

  /** The true quantiles are within the bounds; the longest is told only where it is known. */
  private static void check(TraceWindow window, List<Long> latencies) {
    List<Long> sorted = latencies.stream().sorted().toList();
    window
        .getQuantiles()
        .forEach(quantile -> {
          long exact = sorted.get((int) Math.ceil(quantile.getPart() * sorted.size()) - 1);
          assertThat(exact).isBetween(quantile.getFromNanos(), quantile.getToNanos());
          assertThat(quantile.getNanos())
              .isBetween(quantile.getFromNanos(), quantile.getToNanos() + 1);
        });
    assertThat(window.getQuantiles()).hasSize(3);
    if (window.getLongestNanos() != null) {
      assertThat(window.getLongestNanos()).isEqualTo(sorted.getLast());
    }
  }

  /** What a row's latencies became more by since the tick before. */
  private static List<Long> added(RandomTrace trace, TraceStatement now) {
    String key = name(now.getRow());
    int tick = (int) now.getTick();
    List<Long> all = trace.latencies.get(tick - 1).get(key);
    List<Long> before =
        tick == 1 ? List.of() : trace.latencies.get(tick - 2).getOrDefault(key, List.of());
    return all.subList(before.size(), all.size());
  }

  private static String name(TraceRow row) {
    return row.getTgid() + "/" + row.getSubject();
  }

  private static List<Long> numbers(TraceRow row) {
    long errors = row.getErrors().stream().mapToLong(error -> error.getCount()).sum();
    return List.of(row.getCount(), row.getTotalNanos(), errors);
  }

  private static List<Long> plus(List<Long> a, List<Long> b) {
    return List.of(a.get(0) + b.get(0), a.get(1) + b.get(1), a.get(2) + b.get(2));
  }

  private static TraceView view(List<TraceStatement> statements, Long untilNanos) {
    TraceBook book = new TraceBook(untilNanos);
    statements.forEach(book::add);
    return book.view().orElseThrow();
  }

  private static Map<String, List<Long>> latencies(TraceView view) {
    Map<String, List<Long>> found = new TreeMap<>();
    for (TraceRow row : view.rows()) {
      List<Long> numbers = new ArrayList<>(row.getSlots());
      numbers.addAll(List.of(row.getCount(), row.getTotalNanos(), row.getMaxNanos()));
      found.put(name(row), numbers);
    }
    return found;
  }

  private static Map<String, List<Long>> expected(Map<String, List<Long>> latencies) {
    Map<String, List<Long>> expected = new TreeMap<>();
    latencies.forEach((key, values) -> {
      List<Long> numbers = new ArrayList<>(RandomTrace.slots(values));
      numbers.add((long) values.size());
      numbers.add(values.stream().mapToLong(n -> n).sum());
      numbers.add(values.stream().mapToLong(n -> n).max().orElseThrow());
      expected.put(key, numbers);
    });
    return expected;
  }
}
