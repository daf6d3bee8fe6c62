package io.unfreed.streams.lane;

import java.util.function.BinaryOperator;

/**
 * That lanes held more blocks than their share of the memory, so that nobody knows which are
 * outstanding: their counts stay as they were, later events about blocks count as lost, and nothing
 * of them is certain.
 *
 * @param lanes how many
 * @param fromNanos session time from which on they, or the first of them, were not followed; null
 *     when it is not known
 * @param toNanos session time of the exec from which on all of them are followed again; null while
 *     one is not
 * @param uncountedEvents events between, which are among the lost ones
 */
public record Degraded(int lanes, Long fromNanos, Long toNanos, long uncountedEvents) {
  /** What is said of two lanes together; null for those that were followed all the time. */
  static Degraded sum(Degraded a, Degraded b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return new Degraded(
        a.lanes + b.lanes,
        ofBoth(a.fromNanos, b.fromNanos, Math::min),
        ofBoth(a.toNanos, b.toNanos, Math::max),
        a.uncountedEvents + b.uncountedEvents);
  }

  private static Long ofBoth(Long a, Long b, BinaryOperator<Long> of) {
    return a == null || b == null ? null : of.apply(a, b);
  }
}
