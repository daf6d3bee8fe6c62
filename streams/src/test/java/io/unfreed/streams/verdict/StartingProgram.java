package io.unfreed.streams.verdict;

import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A process that starts and then serves. While it starts its stacks begin one after the other, and
 * of what each allocates a part stays, until that part of the start is over. What serves is
 * bounded, but for stores that fill (each call draws a key and replaces its value) and leaks.
 */
final class StartingProgram {
  private static final double SPAN = SyntheticKind.SPAN;
  private static final double NEVER = SyntheticKind.NEVER;
  private static final long TICK = 5_000_000_000L;
  private static final double SURE = 0.9;

  private enum Sort {
    START,
    SERVE,
    STORE,
    LEAK
  }

  /** When the start was over. */
  final double started;

  private final List<Sort> sorts = new ArrayList<>();
  private final List<Double> begins = new ArrayList<>();
  private final Blocks blocks = new Blocks();
  private final Random random;
  private final long seed;

  /** False leaks at .9 or more, over all ticks: of what started, of stores, and of what served. */
  int falseOfStart;

  int falseOfStores;
  int falseOfServing;

  /** The same with what a stack tells alone. */
  int falseAlone;

  int judgements;
  int leaks;

  /** Each false one that is sure, in words. */
  final List<String> misses = new ArrayList<>();

  /** Seconds from the leak's first block until it is named, and until it is sure; alone, too. */
  final List<Double> named = new ArrayList<>();

  final List<Double> sure = new ArrayList<>();
  final List<Double> sureAlone = new ArrayList<>();

  StartingProgram(long seed) {
    this.seed = seed;
    random = new Random(seed * 7_368_787);
    started = between(15, 150);
    int stacks = (int) between(20, 120);
    for (int i = 0; i < stacks; i++) {
      start();
    }
    int serving = (int) between(5, 40);
    for (int i = 0; i < serving; i++) {
      serve(random.nextInt(5) == 0 ? 0 : started);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      store();
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      leak();
    }
    run();
  }

  private double between(double low, double high) {
    return SyntheticKind.between(random, low, high);
  }

  private void next(Sort sort, double begin) {
    blocks.stack(sorts.size());
    sorts.add(sort);
    begins.add(begin);
  }

  private void start() {
    double from = random.nextDouble() * started;
    double to = Math.min(started, from + started * between(0.1, 2));
    double kept = between(0.1, 1);
    double life = between(0.01, 2);
    next(Sort.START, from);
    blocks.arrivals(
        random,
        between(0.2, 10),
        from,
        to,
        t -> blocks.block(t, 64, random.nextDouble() < kept ? NEVER : t + soon(life)));
  }

  private void serve(double from) {
    double life = between(0.01, 10);
    next(Sort.SERVE, from);
    blocks.arrivals(random, between(1, 50), from, SPAN, t -> blocks.block(t, 200, t + soon(life)));
  }

  private void store() {
    double rate = between(5, 50);
    int keys = (int) (rate * between(10, 300));
    TreeMap<Integer, Double> held = new TreeMap<>();
    next(Sort.STORE, started);
    blocks.arrivals(
        random,
        rate,
        started,
        SPAN,
        t -> {
          Double born = held.put(random.nextInt(keys), t);
          if (born != null) {
            blocks.block(born, 100, t);
          }
        });
    held.values().forEach(born -> blocks.block(born, 100, NEVER));
  }

  private void leak() {
    double from = random.nextBoolean() ? 0 : started;
    double kept = between(0.01, 0.5);
    double life = between(0.01, 2);
    next(Sort.LEAK, from);
    leaks++;
    blocks.arrivals(
        random,
        between(0.5, 3) / kept,
        from,
        SPAN,
        t -> blocks.block(t, 48, random.nextDouble() < kept ? NEVER : t + soon(life)));
  }

  private double soon(double mean) {
    return SyntheticKind.exponential(random, mean);
  }

  private void run() {
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(sorts.size());
    ledger.accumulate(TICK);
    double[] first = new double[3 * sorts.size()];
    long boundary = TICK;
    for (Blocks.Step step : blocks.steps()) {
      for (; step.nanos() > boundary; boundary += TICK) {
        judge(ledger.view(), boundary, first);
      }
      if (step.isFree()) {
        ledger.free(0, step.address(), 1, step.nanos());
      } else {
        ledger.alloc(0, step.stack(), step.address(), step.size(), 1, step.nanos());
      }
    }
    for (int stack = 0; stack < sorts.size(); stack++) {
      if (sorts.get(stack) == Sort.LEAK) {
        note(named, first[3 * stack], begins.get(stack));
        note(sure, first[3 * stack + 1], begins.get(stack));
        note(sureAlone, first[3 * stack + 2], begins.get(stack));
      }
    }
  }

  private static void note(List<Double> times, double at, double begin) {
    if (at > 0) {
      times.add(at - begin);
    }
  }

  private void judge(EntryView view, long now, double... first) {
    Verdict[] alone = new Verdict[sorts.size()];
    Accumulation[] suspects = new Accumulation[sorts.size()];
    Judge.Case asked = new Judge.Case(now, null, sorts.size(), 1e9);
    for (int stack = 0; stack < alone.length; stack++) {
      Accumulation all = view.accumulation(stack, false);
      if (all != null && view.outstandingCount(stack) > 0) {
        alone[stack] = Judge.judge(all, Trial.released(view, stack), asked);
        suspects[stack] = Leaks.isSuspect(alone[stack]) ? all.survivorsAt(now) : null;
      }
    }
    Starting starting = Starting.of(Arrays.asList(suspects), asked);
    for (int stack = 0; stack < alone.length; stack++) {
      if (alone[stack] != null) {
        judgements++;
        boolean isSure = isSure(starting.seen(alone[stack], suspects[stack]));
        count(sorts.get(stack), isSure, isSure(alone[stack]));
        double seconds = now / 1e9;
        if (isSure && sorts.get(stack) != Sort.LEAK) {
          misses.add(miss(stack, seconds, alone[stack], suspects));
        }
        note(first, 3 * stack, alone[stack] instanceof Verdict.Leaking, seconds);
        note(first, 3 * stack + 1, isSure, seconds);
        note(first, 3 * stack + 2, isSure(alone[stack]), seconds);
      }
    }
  }

  private String miss(int stack, double seconds, Verdict verdict, Accumulation... suspects) {
    List<String> begun = new ArrayList<>();
    Arrays.stream(suspects)
        .filter(Objects::nonNull)
        .mapToDouble(a -> a.start(0) / 1e9)
        .sorted()
        .forEach(begin -> begun.add("%.0f".formatted(begin)));
    return String.format(
        Locale.ROOT,
        "seed %d, started %.0f s, at %.0f s: stack %d, %s from %.0f s: %s; survivors by slot %s; suspects from %s",
        seed,
        started,
        seconds,
        stack,
        sorts.get(stack),
        begins.get(stack),
        Sentence.of(verdict, true),
        IntStream.range(0, suspects[stack].slots())
            .mapToObj(slot -> "" + suspects[stack].get(slot, Accumulation.LIVE))
            .collect(Collectors.joining(" ")),
        String.join(" ", begun));
  }

  private static void note(double[] first, int at, boolean is, double seconds) {
    first[at] = first[at] == 0 && is ? seconds : first[at];
  }

  private void count(Sort sort, boolean isSure, boolean isSureAlone) {
    falseAlone += sort != Sort.LEAK && isSureAlone ? 1 : 0;
    falseOfStart += sort == Sort.START && isSure ? 1 : 0;
    falseOfStores += sort == Sort.STORE && isSure ? 1 : 0;
    falseOfServing += sort == Sort.SERVE && isSure ? 1 : 0;
  }

  private static boolean isSure(Verdict verdict) {
    return verdict instanceof Verdict.Leaking leaking && leaking.confidence() >= SURE;
  }
}
