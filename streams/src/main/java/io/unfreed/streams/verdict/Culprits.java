package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which functions are to blame: those through which much leaks, or may, and little else goes. A
 * function is the better a culprit the more such stacks call it; each healthy stack that calls it
 * too speaks for as many of them being a chance. Wherever in the tree of calls these stacks are:
 * the deepest node that they have in common may be main.
 */
final class Culprits {
  /** So many suspects are outweighed by one healthy stack; and where they are few. */
  private static final int HEALTHY_WEIGHT = 5;

  private static final int HEALTHY_WEIGHT_OF_FEW = 2;

  /** A function of few suspects must not be one that most stacks call. */
  private static final double MOST_CALLED = 0.5;

  private final List<Suspect> stacks;
  private final Map<String, Long> born;

  /** By function: healthy stacks, and all. */
  private final Map<String, Integer> healthy = new HashMap<>();

  private final Map<String, Integer> all = new HashMap<>();

  private final double halfway;

  /** Among these stacks, at a moment of the clock. */
  Culprits(List<Suspect> stacks, Map<String, Long> born, long moment) {
    this.stacks = stacks;
    this.born = born;
    halfway = moment / 2.0;
    for (int i = 0; i < stacks.size(); i++) {
      for (String function : functions(i)) {
        all.merge(function, 1, Integer::sum);
        healthy.merge(function, isOpen(i) ? 0 : 1, Integer::sum);
      }
    }
  }

  /**
   * Whether a stack leaks, or may: something that was born lately stays. What allocated a block or
   * two at the start and never again speaks neither for a function nor against it.
   */
  boolean isSuspect(int stack) {
    Suspect suspect = stacks.get(stack);
    return isOpen(stack)
        && (suspect.verdict() instanceof Verdict.Leaking || hasLately(suspect.survivors()));
  }

  private boolean hasLately(Accumulation survivors) {
    for (int slot = survivors.slots() - 1; slot >= 0; slot--) {
      if (survivors.start(slot) < halfway) {
        return false;
      }
      if (survivors.get(slot, Accumulation.LIVE) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing sure speaks against a stack's being part of a leak. */
  boolean isOpen(int stack) {
    Suspect suspect = stacks.get(stack);
    Verdict verdict = suspect.verdict();
    return verdict != null
        && suspect.survivors() != null
        && !suspect.functions().isEmpty()
        && (verdict instanceof Verdict.Leaking leaking
            ? leaking.sort() == Verdict.Kind.BLOCKS
            : verdict.confidence() == null || verdict.confidence() < Leaks.DECIDED);
  }

  /** Whether so many suspects explain a function better than its healthy stacks contradict it. */
  boolean isBlamed(String function, int suspects) {
    int weight = suspects < Leaks.MANY ? HEALTHY_WEIGHT_OF_FEW : HEALTHY_WEIGHT;
    return score(function, suspects, weight) > 0;
  }

  private int score(String function, int suspects, int weight) {
    return suspects - 1 - weight * healthy.getOrDefault(function, 0);
  }

  /** Functions that may be to blame for these suspects, the best first, with those that call it. */
  List<Map.Entry<String, List<Integer>>> of(List<Integer> suspects) {
    Map<String, List<Integer>> callers = new LinkedHashMap<>();
    for (int stack : suspects) {
      functions(stack)
          .forEach(
              function -> callers.computeIfAbsent(function, f -> new ArrayList<>()).add(stack));
    }
    List<Map.Entry<String, List<Integer>>> blamed = new ArrayList<>();
    callers.entrySet().stream()
        .filter(one -> isBlamed(one.getKey(), one.getValue().size()))
        .filter(one ->
            one.getValue().size() >= Leaks.MANY
                || all.get(one.getKey()) <= MOST_CALLED * stacks.size())
        .sorted(
            Comparator.comparingInt((Map.Entry<String, List<Integer>> one) ->
                    -score(one.getKey(), one.getValue().size(), HEALTHY_WEIGHT))
                .thenComparingLong(one -> born.get(one.getKey()))
                .thenComparingInt(one -> depth(one.getKey(), one.getValue().getFirst())))
        .forEach(blamed::add);
    return blamed;
  }

  private int depth(String function, int stack) {
    return stacks.get(stack).functions().indexOf(function);
  }

  private Set<String> functions(int stack) {
    return new LinkedHashSet<>(stacks.get(stack).functions());
  }
}
