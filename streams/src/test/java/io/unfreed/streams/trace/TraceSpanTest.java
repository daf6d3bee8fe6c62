package io.unfreed.streams.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What happened between two moments, against all the single latencies. */
class TraceSpanTest {
  private static final int TICKS = 12;

  @Test
  void shouldTellWhatHappenedBetweenAnyTwoTicksWhateverOrderTheKeysComeIn() {
    for (int seed = 0; seed < 12; seed++) {
      RandomTrace trace = new RandomTrace(seed, "s", seed % 2 == 0 ? "syscalls" : "locks", TICKS);
      List<TraceStatement> shuffled = new ArrayList<>(trace.statements);
      shuffled.addAll(trace.statements.subList(0, seed));
      Collections.shuffle(shuffled, new Random(seed));
      for (int from = 0; from <= TICKS; from++) {
        for (int to = Math.max(1, from); to <= TICKS; to++) {
          check(trace, shuffled, from, to);
        }
      }
    }
  }

  private static void check(RandomTrace trace, List<TraceStatement> all, int from, int to) {
    TraceStretch stretch = stretch(all, from == 0 ? null : behind(from), behind(to));
    Map<String, List<Long>> before = from == 0 ? Map.of() : trace.latencies.get(from - 1);
    long rows = 0;
    long longestOfAll = 0;
    for (Map.Entry<String, List<Long>> one : trace.latencies.get(to - 1).entrySet()) {
      List<Long> earlier = before.getOrDefault(one.getKey(), List.of());
      List<Long> within = one.getValue().subList(earlier.size(), one.getValue().size());
      if (within.isEmpty()) {
        continue;
      }
      rows++;
      TraceRow row = row(stretch, one.getKey());
      long longest = Collections.max(within);
      longestOfAll = Math.max(longestOfAll, longest);
      boolean isKnown = earlier.isEmpty() || longest > Collections.max(earlier);
      assertThat(row.getCount()).isEqualTo(within.size());
      assertThat(row.getTotalNanos()).isEqualTo(within.stream().mapToLong(n -> n).sum());
      assertThat(row.getSlots()).isEqualTo(RandomTrace.slots(within));
      assertThat(stretch.longestNanos(row)).isEqualTo(isKnown ? longest : null);
      assertThat(stretch.atEnd(row).getCount()).isEqualTo(one.getValue().size());
    }
    assertThat(stretch.view().rows()).hasSize((int) rows);
    LatencySum sum = stretch.sum();
    assertThat(sum.longestAtMostNanos()).isGreaterThanOrEqualTo(longestOfAll);
    if (sum.longestNanos() != null) {
      assertThat(sum.longestNanos()).isEqualTo(longestOfAll);
    }
    assertThat(stretch.fromNanos() / RandomTrace.TICK_NANOS).isEqualTo(from);
    assertThat(stretch.view().atNanos() / RandomTrace.TICK_NANOS).isEqualTo(to);
    assertThat(stretch.view().missing()).isZero();
    assertThat(stretch.view().head().getMapFull()).isEqualTo(to / 4 - from / 4);
    // One at each tick, whatever the recorder told in between.
    assertThat(stretch.view().slow().stream().map(slow -> slow.getSubject()).toList())
        .isEqualTo(LongStream.rangeClosed(from + 1, to).boxed().toList());
  }

  @Test
  void shouldCountFromTheFirstStatementThatCameWhenEarlierOnesDidNot() {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      List<TraceStatement> all = new RandomTrace(seed, "s", "syscalls", TICKS).statements;
      List<TraceStatement> some = new ArrayList<>(all);
      some.removeIf(one -> one.getHead() == null && random.nextInt(2) == 0);
      List<TraceStatement> shuffled = new ArrayList<>(some);
      Collections.shuffle(shuffled, random);
      for (int from = 1; from <= TICKS; from++) {
        for (int to = from; to <= TICKS; to++) {
          int end = to;
          TraceStretch stretch = stretch(shuffled, behind(from), behind(to));
          Map<TraceKey, Long> told = new HashMap<>();
          stretch.view().rows().forEach(row -> told.put(TraceKey.of(row), row.getCount()));
          assertThat(told).isEqualTo(known(some, from, to));
          assertThat(stretch.view().missing())
              .isEqualTo(
                  all.stream().filter(one -> one.getTick() <= end).count()
                      - some.stream().filter(one -> one.getTick() <= end).count());
        }
      }
    }
  }

  /** What is known to have happened behind a tick up to another; statements are in their order. */
  private static Map<TraceKey, Long> known(List<TraceStatement> some, int from, int to) {
    Map<TraceKey, Long> begins = new HashMap<>();
    Map<TraceKey, Long> ends = new HashMap<>();
    for (TraceStatement one : some) {
      if (one.getHead() == null && one.getTick() <= to) {
        TraceKey key = TraceKey.of(one.getRow());
        begins.putIfAbsent(key, one.getSequence() == 0 ? 0L : one.getRow().getCount());
        if (one.getTick() <= from) {
          begins.put(key, one.getRow().getCount());
        }
        ends.put(key, one.getRow().getCount());
      }
    }
    ends.replaceAll((key, count) -> count - begins.get(key));
    ends.values().removeIf(count -> count == 0);
    return ends;
  }

  @Test
  void shouldTellOneProcessAloneWhenItIsAskedFor() {
    RandomTrace trace = new RandomTrace(21, "s", "syscalls", TICKS);
    TraceStretch one = stretch(trace.statements, behind(2), behind(9)).of(8);

    assertThat(one.view().rows()).isNotEmpty().allMatch(row -> row.getTgid() == 8);
    assertThat(one.atEnd().keySet()).isNotEmpty().allMatch(key -> key.tgid() == 8);
  }

  @Test
  void shouldTellNothingWhenNothingWasStatedUpToItsEnd() {
    TraceSpan span = new TraceSpan(null, RandomTrace.TICK_NANOS - 1);
    new RandomTrace(22, "s", "syscalls", 3).statements.forEach(span::add);

    assertThat(span.stretch()).isEmpty();
  }

  private static TraceRow row(TraceStretch stretch, String key) {
    return stretch.view().rows().stream()
        .filter(row -> (row.getTgid() + "/" + row.getSubject()).equals(key))
        .findFirst()
        .orElseThrow();
  }

  /** Before the next tick. */
  private static long behind(int tick) {
    return (tick + 1) * RandomTrace.TICK_NANOS - 1;
  }

  private static TraceStretch stretch(List<TraceStatement> all, Long fromNanos, Long toNanos) {
    TraceSpan span = new TraceSpan(fromNanos, toNanos);
    all.forEach(span::add);
    return span.stretch().orElseThrow();
  }
}
