package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Leaks, not only stacks. What leaks alike through a function that is to blame ({@link Culprits})
 * is one, best culprit first. With the others the tree of callers is gone through from the
 * allocations to the roots:
 *
 * <ol>
 *   <li>stacks that tell too little alone are judged together at the deepest function where they
 *       tell enough,
 *   <li>leaks whose survivors keep one ratio in every slot, more closely than by chance, are one,
 *   <li>so are {@link #MANY} or more below one function, when nothing speaks against one ratio,
 *   <li>a leak of so many stacks is joined by what leaks alike through the function that names it.
 * </ol>
 *
 * A leak is named by the function that all its stacks have in common and through which the fewest
 * blocks are born: the frame that explains it best; of equal ones the deepest.
 */
public final class Leaks {
  /** So many leaks of one ratio below one function are one. */
  static final int MANY = 8;

  static final double DECIDED = 0.5;

  /** A program that has more leaks at once is building something, in its first minutes. */
  static final int MOST_AT_ONCE = 16;

  private static final Comparator<Leak> ORDER =
      Comparator.comparingDouble(Leak::bytesPerSecond)
          .reversed()
          .thenComparing(leak -> leak.stacks().getFirst());

  private Leaks() {}

  /** Whether a stack may be part of a leak, so that it must be told who stayed. */
  public static boolean isSuspect(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Bounded bounded -> bounded.confidence() < DECIDED;
      case Verdict.Queue queue -> queue.confidence() < DECIDED;
      case Verdict.Leaking _, Verdict.WarmUp _, Verdict.OneOff _, Verdict.Undecided _ -> true;
    };
  }

  /**
   * Finds the leaks, fastest first.
   *
   * @param stacks in the order in which equal ones are listed
   * @param asked as of when, and among how many
   */
  public static List<Leak> find(List<Suspect> stacks, Judge.Case asked) {
    Grouping grouping = new Grouping(stacks, asked);
    Culprits culprits = new Culprits(stacks, grouping.born(), asked.moment());
    Blame blame = new Blame(grouping, culprits);
    List<Group> groups = new ArrayList<>(blame.find());
    groups.addAll(new CallTree(grouping, culprits, blame.taken()).find());
    List<Accumulation> survivors = stacks.stream().map(Suspect::survivors).toList();
    Starting starting =
        groups.size() > MOST_AT_ONCE
            ? Starting.manyAtOnce(survivors, asked)
            : Starting.of(survivors, asked);
    List<Leak> leaks = new ArrayList<>();
    for (Group group : groups) {
      leaks.add(
          new Leak(
              starting.seen(group.verdict(), own(group, survivors)),
              grouping.common(group.stacks()),
              group.stacks()));
    }
    leaks.sort(ORDER);
    return leaks;
  }

  /** That several stacks begin one after the other is what a start looks like. */
  private static Accumulation own(Group group, List<Accumulation> survivors) {
    return group.stacks().size() == 1 ? survivors.get(group.stacks().getFirst()) : null;
  }
}
