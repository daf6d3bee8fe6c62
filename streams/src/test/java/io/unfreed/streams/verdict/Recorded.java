package io.unfreed.streams.verdict;

import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import java.util.ArrayList;
import java.util.List;

/** Blocks of stacks with functions, and the leaks that are found in them at the end. */
final class Recorded {
  static final double SPAN = SyntheticKind.SPAN;
  static final double NEVER = SyntheticKind.NEVER;
  private static final long TICK = 5_000_000_000L;

  final Blocks blocks = new Blocks();
  final List<List<String>> functions = new ArrayList<>();

  /** From now on blocks are of this stack, innermost function first. */
  int stack(String... innermostFirst) {
    functions.add(List.of(innermostFirst));
    blocks.stack(functions.size() - 1);
    return functions.size() - 1;
  }

  /** The stacks that hold anything at the end, as they are judged alone, and the leaks. */
  List<Leak> leaks() {
    return leaksOfClock(1e9);
  }

  /** As if all had taken so many units of the clock to a second. */
  List<Leak> leaksOfClock(double unitsPerSecond) {
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(functions.size());
    ledger.accumulate(TICK);
    long address = 0;
    for (Blocks.Step step : blocks.steps()) {
      address = step.address();
      if (step.isFree()) {
        ledger.free(0, address, 1, step.nanos());
      } else {
        ledger.alloc(0, step.stack(), address, step.size(), 1, step.nanos());
      }
    }
    return leaks(ledger.view(), unitsPerSecond);
  }

  private List<Leak> leaks(EntryView view, double unitsPerSecond) {
    long now = (long) (SPAN * 1e9);
    Judge.Case asked = new Judge.Case(now, null, functions.size(), unitsPerSecond);
    List<Suspect> suspects = new ArrayList<>();
    for (int stack = 0; stack < functions.size(); stack++) {
      Accumulation all = view.accumulation(stack, false);
      Released released = Trial.released(view, stack);
      Verdict verdict = all == null ? null : Judge.judge(all, released, asked);
      boolean isSuspect = verdict != null && Leaks.isSuspect(verdict);
      suspects.add(
          new Suspect(
              verdict,
              isSuspect ? all.survivorsAt(now) : null,
              released,
              view.allocations(stack),
              functions.get(stack)));
    }
    return Leaks.find(suspects, asked);
  }
}
