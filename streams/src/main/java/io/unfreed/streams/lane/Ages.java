package io.unfreed.streams.lane;

import io.unfreed.streams.verdict.Histogram;

/**
 * How old the outstanding blocks of a stack are, and how old the released ones became. Nothing of
 * it is known for a source without times. Ages add up.
 *
 * @param oldestTimeNanos session time of the oldest outstanding block's allocation, null if none
 * @param released released blocks by lifetime
 */
public record Ages(Long oldestTimeNanos, Histogram released) {
  /** Nothing is known. */
  public static final Ages UNKNOWN = new Ages(null, Histogram.EMPTY);

  Ages plus(Ages other) {
    return new Ages(older(oldestTimeNanos, other.oldestTimeNanos), released.plus(other.released));
  }

  private static Long older(Long a, Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Math.min(a, b);
  }
}
