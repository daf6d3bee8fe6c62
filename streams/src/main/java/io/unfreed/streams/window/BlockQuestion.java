package io.unfreed.streams.window;

import io.unfreed.streams.ledger.SizeRange;

/**
 * Which blocks are asked for.
 *
 * @param born when they were allocated
 * @param freed when they were freed; null for blocks that are outstanding at the moment asked
 * @param sizes sizes they were allocated with
 * @param olderNanos how old they are at least, at the moment asked or when they were freed
 * @param dimension what tells them apart beside their stacks
 */
public record BlockQuestion(
    Window born, Window freed, SizeRange sizes, long olderNanos, Dimension dimension) {
  /** What can tell blocks of one stack apart. */
  public enum Dimension {
    /** Nothing. */
    NONE,
    /** The thread that allocated them. */
    THREAD,
    /** The size they were allocated with. */
    SIZE,
    /** The stack that released them. */
    RELEASER
  }
}
