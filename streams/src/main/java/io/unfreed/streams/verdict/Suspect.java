package io.unfreed.streams.verdict;

import java.util.List;

/**
 * A stack that may be part of a leak.
 *
 * @param verdict its own; null when it was not judged
 * @param survivors who stayed, see {@link Accumulation#survivorsAt}; null when that is not known
 * @param released its released blocks
 * @param born blocks that it allocated
 * @param functions what its frames are called, innermost first; none when they are not known
 */
public record Suspect(
    Verdict verdict, Accumulation survivors, Released released, long born, List<String> functions) {

  /** Copies the list. */
  public Suspect {
    functions = List.copyOf(functions);
  }
}
