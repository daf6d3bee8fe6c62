package io.unfreed.streams.window;

import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.ledger.Sums;

/**
 * What blocks of one kind add up to.
 *
 * @param counts of all that were born in the window and pass by size, whatever became of them; of
 *     the outstanding ones those that are asked for, none when freed ones are
 * @param freedCount the freed ones that are asked for
 * @param freedBytes their sizes
 * @param oldestTimeNanos when the oldest outstanding one was allocated; null when there is none
 */
public record BlockNumbers(Counts counts, long freedCount, long freedBytes, Long oldestTimeNanos) {
  /** No block. */
  public static final BlockNumbers NONE = new BlockNumbers(Counts.NONE, 0, 0, null);

  /** The sum of both. */
  public BlockNumbers plus(BlockNumbers other) {
    return new BlockNumbers(
        counts.plus(other.counts),
        freedCount + other.freedCount,
        Sums.of(freedBytes, other.freedBytes),
        older(oldestTimeNanos, other.oldestTimeNanos));
  }

  /** Blocks that are asked for. */
  public long chosenCount() {
    return counts.outstandingCount() + freedCount;
  }

  /** Bytes of the blocks that are asked for. */
  public long chosenBytes() {
    return counts.outstandingBytes() + freedBytes;
  }

  private static Long older(Long a, Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Math.min(a, b);
  }
}
