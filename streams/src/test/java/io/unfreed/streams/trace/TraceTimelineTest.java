package io.unfreed.streams.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.RecordKeys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A trace over time against all the single latencies. */
class TraceTimelineTest {
  private static final int TICKS = 40;

  @Test
  void shouldTellOfEachTickWhatHappenedBehindTheOneBeforeInAnyOrderOfKeys() {
    for (int seed = 0; seed < 20; seed++) {
      RandomTrace trace = new RandomTrace(seed, "s", "syscalls", TICKS);
      List<TraceStatement> mixed = new ArrayList<>(trace.statements);
      mixed.addAll(trace.statements); // a session that was replayed twice
      if (seed % 2 == 0) {
        mixed.sort(Comparator.comparing(RecordKeys::of)); // as partitions are read, one by one
      }
      for (int most : new int[] {TICKS, 20, 7, 2}) {
        List<TraceTimeline.Slot> slots = slots(mixed, row -> true, most);
        assertThat(slots).hasSizeLessThanOrEqualTo(most);
        if (most == TICKS) {
          assertThat(slots).hasSize(TICKS);
        }
        check(trace, slots, key -> true);
      }
    }
  }

  @Test
  void shouldTellOneRowAloneWhenItIsAskedFor() {
    RandomTrace trace = new RandomTrace(31, "s", "locks", TICKS);
    List<TraceTimeline.Slot> slots =
        slots(
            trace.statements,
            row -> TraceKey.of(row).toString().equals("8.futex.2.0"),
            TraceTimeline.MOST_SLOTS);

    assertThat(slots).hasSize(TICKS);
    assertThat(slots.stream().mapToLong(slot -> slot.latencies().count()).sum()).isPositive();
    check(trace, slots, "8/2"::equals);
  }

  @Test
  void shouldAddUpToTheLastWholeTickWhenTheRecorderWasKilledAnywhere() {
    RandomTrace trace = new RandomTrace(32, "s", "syscalls", TICKS);
    for (int cut = 0; cut <= trace.statements.size(); cut++) {
      List<TraceStatement> left = trace.statements.subList(0, cut);
      TraceBook book = new TraceBook(null);
      left.forEach(book::add);
      long stated =
          book.view()
              .map(view -> view.rows().stream().mapToLong(row -> row.getCount()).sum())
              .orElse(0L);

      for (int most : new int[] {TraceTimeline.MOST_SLOTS, 3}) {
        List<TraceTimeline.Slot> slots = slots(left, row -> true, most);
        assertThat(slots.stream().mapToLong(slot -> slot.latencies().count()).sum())
            .isEqualTo(stated);
      }
    }
  }

  @Test
  void shouldCountFromTheFirstStatementThatCameWhenEarlierOnesDidNot() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<TraceStatement> some =
          new ArrayList<>(new RandomTrace(seed, "s", "locks", TICKS).statements);
      some.removeIf(one -> one.getHead() == null && random.nextInt(3) == 0);
      long[] counts = new long[TICKS];
      long missing = 0;
      Map<String, TraceStatement> last = new HashMap<>();
      for (TraceStatement one : some) {
        TraceStatement before = last.put(RecordKeys.of(one), one);
        missing += one.getSequence() - (before == null ? 0 : before.getSequence() + 1);
        if (one.getHead() == null && (before != null || one.getSequence() == 0)) {
          long earlier = before == null ? 0 : before.getRow().getCount();
          counts[(int) one.getTick() - 1] += one.getRow().getCount() - earlier;
        }
      }
      for (int most : new int[] {TICKS, 7}) {
        List<TraceTimeline.Slot> slots = slots(some, row -> true, most);
        List<Long> told = slots.stream().map(slot -> slot.latencies().count()).toList();
        assertThat(sum(told)).isEqualTo(LongStream.of(counts).sum());
        if (most == TICKS) {
          assertThat(told).isEqualTo(LongStream.of(counts).boxed().toList());
        }
        assertThat(sum(slots.stream().map(slot -> slot.missing().statements()).toList()))
            .isEqualTo(missing)
            .isPositive();
      }
    }
  }

  @Test
  void shouldTellWhatWasOutstandingAndNotLostBeforeWhenTheBeginDidNotCome() {
    List<TraceStatement> some = new ArrayList<>();
    for (TraceStatement one : new RandomTrace(33, "s", "syscalls", 6).statements) {
      if (one.getHead() != null && one.getTick() > 4) {
        some.add(one);
      }
    }
    some.add(memory(3, 5, 700, 200));
    some.add(memory(4, 6, 1000, 900));
    List<TraceTimeline.Slot> slots = slots(some, row -> true, TICKS);

    assertThat(slots).hasSize(2);
    assertThat(slots.getFirst().missing())
        .isEqualTo(new TraceTimeline.Missing(4 + 3, 700 - 200, 70 - 20));
    assertThat(slots.getFirst().lost()).isZero();
    assertThat(slots.getFirst().bytes()).isZero();
    assertThat(slots.getFirst().freedBytes()).isZero();
    assertThat(slots.getLast().missing()).isEqualTo(TraceTimeline.Missing.NONE);
    assertThat(slots.getLast().bytes()).isEqualTo(300);
    assertThat(slots.getLast().freedBytes()).isEqualTo(700);
  }

  private static TraceStatement memory(long sequence, long tick, long bytes, long freedBytes) {
    TraceStatement some = new RandomTrace(33, "s", "syscalls", 1).statements.getFirst();
    TraceRow row =
        TraceRow.newBuilder(some.getRow())
            .setKind(TraceKind.MEMORY)
            .setCount(bytes / 10)
            .setBytes(bytes)
            .setFrees(freedBytes / 10)
            .setFreedBytes(freedBytes)
            .setSlots(List.of())
            .build();
    return TraceStatement.newBuilder(some)
        .setSequence(sequence)
        .setTick(tick)
        .setAtNanos(tick * RandomTrace.TICK_NANOS)
        .setRow(row)
        .build();
  }

  private static void check(
      RandomTrace trace, List<TraceTimeline.Slot> slots, Predicate<String> wanted) {
    int tick = 0;
    long endNanos = 0;
    long lost = 0;
    for (TraceTimeline.Slot slot : slots) {
      int last = (int) (slot.toNanos() / RandomTrace.TICK_NANOS);
      List<Long> within = new ArrayList<>();
      Map<String, List<Long>> before = tick == 0 ? Map.of() : trace.latencies.get(tick - 1);
      trace
          .latencies
          .get(last - 1)
          .forEach((key, all) -> {
            if (wanted.test(key)) {
              within.addAll(all.subList(before.getOrDefault(key, List.of()).size(), all.size()));
            }
          });
      assertThat(slot.fromNanos()).isEqualTo(endNanos);
      assertThat(slot.latencies().count()).isEqualTo(within.size());
      assertThat(slot.latencies().totalNanos()).isEqualTo(sum(within));
      if (!within.isEmpty()) {
        LatencySum latencies = slot.latencies();
        long longest = Collections.max(within);
        assertThat(latencies.longestAtMostNanos()).isGreaterThanOrEqualTo(longest);
        assertThat(latencies.longestNanos()).isIn(null, longest);
        assertThat(latencies.histogram().last()).isEqualTo(RandomTrace.slots(within).size() - 1);
      }
      lost += slot.lost();
      tick = last;
      endNanos = slot.toNanos();
    }
    assertThat(tick).isEqualTo(TICKS);
    assertThat(lost).isEqualTo(TICKS / 4);
  }

  private static long sum(Collection<Long> numbers) {
    return numbers.stream().mapToLong(n -> n).sum();
  }

  private static List<TraceTimeline.Slot> slots(
      List<TraceStatement> all, Predicate<TraceRow> wanted, int most) {
    TraceTimeline timeline = new TraceTimeline(wanted, most);
    all.forEach(timeline::add);
    return timeline.slots();
  }
}
