package io.unfreed.streams.explain;

import io.unfreed.streams.lane.StackKey;
import java.util.Set;

/**
 * Whose blocks are looked at.
 *
 * @param incarnationKey session and incarnation
 * @param stacks that allocate them
 * @param spanNanos session time at which they are looked at: the end of the last slot
 */
public record SurveyQuestion(String incarnationKey, Set<StackKey> stacks, long spanNanos) {

  /** Copies the set. */
  public SurveyQuestion {
    stacks = Set.copyOf(stacks);
  }
}
