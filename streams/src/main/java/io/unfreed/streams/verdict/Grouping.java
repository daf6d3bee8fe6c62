package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which stacks leak together, and what they have in common. */
final class Grouping {
  /** Where one stack has more of the survivors, it would have told enough alone. */
  private static final double LARGEST_SHARE = 0.8;

  private final List<Suspect> stacks;
  private final Judge.Case asked;
  private final Map<String, Long> born = new HashMap<>();
  private final List<Set<String>> functionsOf = new ArrayList<>();

  /** A tree forks less often than it has leaves; so many sums could look like a leak by chance. */
  Grouping(List<Suspect> stacks, Judge.Case asked) {
    this.stacks = stacks;
    this.asked =
        new Judge.Case(
            asked.moment(), asked.doubtfulUntil(), 2 * asked.stacks(), asked.unitsPerSecond());
    for (Suspect stack : stacks) {
      Set<String> functions = new HashSet<>(stack.functions());
      functions.forEach(function -> born.merge(function, stack.born(), Long::sum));
      functionsOf.add(functions);
    }
  }

  List<Suspect> stacks() {
    return stacks;
  }

  /** Blocks born below each function. */
  Map<String, Long> born() {
    return born;
  }

  boolean calls(int stack, String function) {
    return functionsOf.get(stack).contains(function);
  }

  /** The stacks as one; null when they do not leak together. */
  Group group(List<Integer> of) {
    Accumulation sum = null;
    Released released = Released.NONE;
    for (int i : of) {
      sum = Accumulation.sum(sum, survivors(i));
      released = released.plus(stacks.get(i).released());
    }
    return group(of, sum, released);
  }

  /** The same, of which the sum is known. */
  Group group(List<Integer> of, Accumulation sum, Released released) {
    List<Integer> ordered = of.stream().sorted().toList();
    return Judge.judge(sum, released, asked) instanceof Verdict.Leaking leaking
        ? new Group(leaking, sum, released, ordered)
        : null;
  }

  Accumulation survivors(int stack) {
    return stacks.get(stack).survivors();
  }

  Group merged(List<Group> groups) {
    return group(groups.stream().flatMap(group -> group.stacks().stream()).toList());
  }

  long until(Group group) {
    return asked.moment() - group.verdict().evidence().age().units();
  }

  Accumulation sum(List<Integer> of) {
    return of.stream().map(this::survivors).reduce(null, Accumulation::sum);
  }

  boolean leaks(int stack) {
    return stacks.get(stack).verdict() instanceof Verdict.Leaking;
  }

  double live(int stack) {
    return survivors(stack).sum(Accumulation.LIVE);
  }

  /** A stack that leaks alone. */
  Group single(int i) {
    Suspect stack = stacks.get(i);
    return new Group(
        (Verdict.Leaking) stack.verdict(), stack.survivors(), stack.released(), List.of(i));
  }

  /** Whether no stack would have told enough alone. */
  boolean isSpread(Group group) {
    long largest =
        group.stacks().stream().mapToLong(i -> survivors(i).sum(Accumulation.LIVE)).max().orElse(0);
    return largest <= LARGEST_SHARE * group.sum().sum(Accumulation.LIVE);
  }

  /** Compared are slots older than all their ages of no return. */
  Shares shares(List<Group> groups) {
    long age =
        groups.stream()
            .mapToLong(group -> group.verdict().evidence().age().units())
            .max()
            .orElse(0);
    return Shares.of(groups.stream().map(Group::sum).toList(), asked.moment() - age);
  }

  /**
   * The function that all of them have and through which the fewest blocks are born, of equal ones
   * the deepest; null when they have none.
   */
  String common(List<Integer> of) {
    String best = null;
    for (String function : stacks.get(of.getFirst()).functions()) {
      boolean isCommon = of.stream().allMatch(i -> calls(i, function));
      if (isCommon && (best == null || born.get(function) < born.get(best))) {
        best = function;
      }
    }
    return best;
  }
}
