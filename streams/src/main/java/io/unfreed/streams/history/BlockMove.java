package io.unfreed.streams.history;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.StackKey;

/**
 * A block came, went, or lost some of its bytes.
 *
 * @param timeMicros session time; of one process never less than that of the move before
 * @param kind what happened
 * @param stack where the block was allocated
 * @param address where it is
 * @param tid the thread that allocated it
 * @param bytes what came or went
 * @param leftBytes what is left of the block
 * @param releaser the stack that released it; null when that is not known
 */
public record BlockMove(
    long timeMicros,
    Kind kind,
    StackKey stack,
    long address,
    int tid,
    long bytes,
    long leftBytes,
    StackId releaser) {
  /** What can happen. */
  public enum Kind {
    /** It was allocated. */
    OPENED,
    /** Part of a mapping was unmapped. */
    SHRUNK,
    /** It is outstanding no more. */
    CLOSED
  }
}
