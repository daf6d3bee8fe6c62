package io.unfreed.streams.verdict;

import java.util.List;

/**
 * Stacks that leak together, while they are looked for.
 *
 * @param verdict of all of them together
 * @param sum of who stayed; null of a stack that does not tell
 * @param stacks their numbers, ascending
 */
record Group(Verdict.Leaking verdict, Accumulation sum, Released released, List<Integer> stacks) {
  /** Leaks that differ more in number are not taken for one. */
  private static final int ALIKE = 10;

  double survivors() {
    return sum.sum(Accumulation.LIVE);
  }

  double perStack() {
    return survivors() / stacks.size();
  }

  static boolean isAlike(double a, double b) {
    return a <= ALIKE * b && b <= ALIKE * a;
  }
}
