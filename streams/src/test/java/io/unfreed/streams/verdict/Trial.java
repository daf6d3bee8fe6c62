package io.unfreed.streams.verdict;

import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A process of which one stack is of the kind in question: beside it six healthy ones and a cache
 * of some 90 MB. Judged at every fourth tick, as the baselines are at the end.
 */
final class Trial {
  private static final long TICK = 5_000_000_000L;
  private static final int HEALTHY = 6;
  private static final int CACHE = HEALTHY + 1;
  private static final int STACKS = HEALTHY + 2;
  private static final double TAIL = 0.1;
  private static final long MEMLEAK_AGE = 60_000_000_000L;

  /** A judgement of one stack. */
  record Judged(SyntheticKind kind, int stack, long nanos, Verdict verdict) {}

  final SyntheticKind kind;
  final SyntheticKind[] kinds = new SyntheticKind[STACKS];
  final List<Judged> early = new ArrayList<>();
  final Verdict[] last = new Verdict[STACKS];

  /** Whether a way of ranking names the stack in question first; for leaks. */
  final Map<String, Boolean> first = new HashMap<>();

  final boolean[] growing = new boolean[STACKS];

  /** Half way through: the slope then, and what the stack held then and at the end. */
  Verdict.Growth halfway;

  long heldHalfway;
  long heldLast;

  /** A limit that is met so long after half way, if it goes on as fast; and when it was met. */
  static final long FORESEEN = 200_000_000_000L;

  private long limit = Long.MAX_VALUE;
  long metAfter = Long.MAX_VALUE;
  private long held;
  private long lastNanos;

  private final Map<Long, Long> sizes = new HashMap<>();
  private final long[] bytes = new long[STACKS];
  private final long[] count = new long[STACKS];
  private final long[][] countAt = new long[STACKS][4];

  Trial(SyntheticKind kind, long seed) {
    this.kind = kind;
    Random random = new Random(seed * 1_000_003 + kind.ordinal());
    Blocks blocks = new Blocks();
    SyntheticKind[] healthy =
        Arrays.stream(SyntheticKind.values())
            .filter(SyntheticKind::isHealthy)
            .toArray(SyntheticKind[]::new);
    for (int stack = 0; stack < STACKS; stack++) {
      kinds[stack] = stack == 0 ? kind : healthy[random.nextInt(healthy.length)];
      kinds[stack] = stack == CACHE ? SyntheticKind.LRU : kinds[stack];
      blocks.stack(stack);
      if (stack == CACHE) {
        cache(random, blocks);
      } else {
        kinds[stack].blocks(random, blocks);
      }
    }
    run(blocks.steps());
  }

  private static void cache(Random random, Blocks out) {
    double fill = SyntheticKind.between(random, 10, 100);
    for (int i = 0; i < 5 * SyntheticKind.SPAN / fill; i++) {
      out.arrivals(
          random,
          1,
          i * fill,
          Math.min(SyntheticKind.SPAN, (i + 1) * fill),
          t -> out.block(t, (long) (90e6 / fill), t + fill));
    }
  }

  private void run(List<Blocks.Step> steps) {
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(STACKS);
    ledger.accumulate(TICK);
    long boundary = TICK;
    for (Blocks.Step step : steps) {
      while (step.nanos() > boundary) {
        tick(ledger.view(), boundary);
        boundary += TICK;
      }
      meet(step.nanos());
      if (step.isFree()) {
        ledger.free(0, step.address(), 1, step.nanos());
        count[step.stack()]--;
        held -= step.stack() == 0 ? sizes.remove(step.address()) : 0;
      } else {
        ledger.alloc(0, step.stack(), step.address(), step.size(), 1, step.nanos());
        count[step.stack()]++;
        hold(step);
      }
    }
    long end = (long) (SyntheticKind.SPAN * 1e9);
    while (boundary <= end) {
      tick(ledger.view(), boundary);
      boundary += TICK;
    }
    end(ledger.view(), end);
  }

  private void hold(Blocks.Step step) {
    if (step.stack() == 0) {
      sizes.put(step.address(), step.size());
      held += step.size();
    }
  }

  /** What takes another's place at once is not held beside it. */
  private void meet(long now) {
    if (held >= limit && metAfter == Long.MAX_VALUE && now - lastNanos > 10_000) {
      metAfter = lastNanos - (long) (SyntheticKind.SPAN * 1e9) / 2;
    }
    lastNanos = now;
  }

  private void tick(EntryView view, long now) {
    for (int stack = 0; stack < STACKS; stack++) {
      System.arraycopy(countAt[stack], 1, countAt[stack], 0, 3);
      countAt[stack][3] = count[stack];
    }
    if (now % (4 * TICK) == 0) {
      for (int stack = 0; stack < STACKS; stack++) {
        Verdict verdict = judge(view, stack, now);
        if (verdict != null) {
          early.add(new Judged(kinds[stack], stack, now, verdict));
        }
      }
    }
    if (now == (long) (SyntheticKind.SPAN * 1e9) / 2
        && judge(view, 0, now) instanceof Verdict.Leaking leaking) {
      halfway = leaking.growth();
      heldHalfway = view.outstandingBytes(0);
      limit = heldHalfway + Math.round(halfway.bytesPerSecond() * FORESEEN / 1e9);
    }
  }

  private void end(EntryView view, long now) {
    EntryView.Selection old = view.select(now, MEMLEAK_AGE);
    EntryView.Selection beforeTail = view.select(now, (long) (now * TAIL));
    long[] memleak = new long[STACKS];
    long[] tail = new long[STACKS];
    for (int stack = 0; stack < STACKS; stack++) {
      bytes[stack] = view.outstandingBytes(stack);
      memleak[stack] = old.bytes(stack);
      tail[stack] = beforeTail.bytes(stack);
      last[stack] = judge(view, stack, now);
      long[] c = countAt[stack];
      growing[stack] = c[1] > c[0] && c[2] > c[1] && c[3] > c[2];
    }
    heldLast = bytes[0];
    first.put("bytes", isFirst(bytes));
    first.put("count", isFirst(count));
    first.put("memleak -o", isFirst(memleak));
    first.put("tail ratio", isFirst(tail));
    long[] rank = new long[STACKS];
    List<Integer> order = new ArrayList<>();
    for (int stack = 0; stack < STACKS; stack++) {
      order.add(stack);
    }
    order.sort(
        Comparator.comparing((Integer s) -> !(last[s] instanceof Verdict.Leaking))
            .thenComparing(Comparator.comparingDouble(this::rate).reversed())
            .thenComparing(Comparator.comparingLong((Integer s) -> bytes[s]).reversed()));
    rank[order.getFirst()] = 1;
    first.put("verdict", isFirst(rank));
  }

  private double rate(int stack) {
    return last[stack] instanceof Verdict.Leaking leaking ? leaking.growth().bytesPerSecond() : 0;
  }

  private static boolean isFirst(long... values) {
    return Arrays.stream(values).max().getAsLong() == values[0]
        && Arrays.stream(values).filter(v -> v == values[0]).count() == 1;
  }

  private static Verdict judge(EntryView view, int stack, long now) {
    Accumulation a = view.accumulation(stack, false);
    return a == null
        ? null
        : Judge.judge(a, released(view, stack), new Judge.Case(now, null, STACKS, 1e9));
  }

  static Released released(EntryView view, int entry) {
    return new Released(Histogram.of(view.lifetimes(entry)), view.moved(entry));
  }
}
