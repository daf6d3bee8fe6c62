package io.unfreed.streams.verdict;

import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process with a garbage collector in two generations. What is garbage goes at the next
 * collection of the young, or, when it has lived through two of them, at the next of all. Nothing
 * leaks, and until all was collected often enough nothing but the collections tells it from a leak.
 */
final class CollectedProgram {
  private static final double SPAN = SyntheticKind.SPAN;
  private static final long TICK = 5_000_000_000L;
  private static final double SURE = 0.9;
  private static final int STACKS = 6;

  private final Random random;
  private final Blocks blocks = new Blocks();
  private final double everyYoung;
  private final double everyFull;

  /** Judgements, and of these the ones that are sure of a leak. */
  int judgements;

  int sure;

  /** The sure ones, in words. */
  final List<String> misses = new ArrayList<>();

  CollectedProgram(long seed) {
    random = new Random(seed * 6_700_417);
    everyYoung = SyntheticKind.between(random, 2, 60);
    everyFull = everyYoung * SyntheticKind.between(random, 2, 20);
    for (int stack = 0; stack < STACKS; stack++) {
      blocks.stack(stack);
      double life = SyntheticKind.between(random, 0.05, 20);
      double from = random.nextDouble() * SPAN / 4;
      blocks.arrivals(
          random,
          SyntheticKind.between(random, 0.5, 20),
          from,
          SPAN,
          t -> blocks.block(t, 4000, collected(t, t + SyntheticKind.exponential(random, life))));
    }
    run(seed);
  }

  private double collected(double born, double garbage) {
    double second = (Math.floor(born / everyYoung) + 2) * everyYoung;
    double every = garbage < second ? everyYoung : everyFull;
    return (Math.floor(garbage / every) + 1) * every;
  }

  private void run(long seed) {
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(STACKS);
    ledger.accumulate(TICK);
    long boundary = TICK;
    for (Blocks.Step step : blocks.steps()) {
      for (; step.nanos() > boundary && boundary <= SPAN * 1e9; boundary += TICK) {
        judge(ledger.view(), boundary, seed);
      }
      if (step.isFree()) {
        ledger.free(0, step.address(), 1, step.nanos());
      } else {
        ledger.alloc(0, step.stack(), step.address(), step.size(), 1, step.nanos());
      }
    }
  }

  private void judge(EntryView view, long now, long seed) {
    Judge.Case asked = new Judge.Case(now, null, STACKS, 1e9);
    for (int stack = 0; stack < STACKS; stack++) {
      Accumulation all = view.accumulation(stack, false);
      if (all != null && view.outstandingCount(stack) > 0) {
        judgements++;
        Verdict verdict = Judge.judge(all, Trial.released(view, stack), asked);
        if (verdict instanceof Verdict.Leaking leaking && leaking.confidence() >= SURE) {
          sure++;
          misses.add(
              "seed %d, every %.0f and %.0f s, at %.0f s, stack %d: %s"
                  .formatted(
                      seed, everyYoung, everyFull, now / 1e9, stack, Sentence.of(verdict, true)));
        }
      }
    }
  }
}
