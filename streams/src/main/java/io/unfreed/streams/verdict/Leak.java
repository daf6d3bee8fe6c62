package io.unfreed.streams.verdict;

import java.util.List;

/**
 * One leak, however many stacks it is spread over.
 *
 * @param verdict of all its stacks together
 * @param function the frame that they have in common and that explains it; null when they have none
 * @param stacks their numbers in the list that was asked about, ascending
 */
public record Leak(Verdict.Leaking verdict, String function, List<Integer> stacks) {

  /** Copies the list. */
  public Leak {
    stacks = List.copyOf(stacks);
  }

  /** How fast it grows; 0 where nobody can tell. */
  double bytesPerSecond() {
    return verdict.growth() == null ? 0 : verdict.growth().bytesPerSecond();
  }
}
