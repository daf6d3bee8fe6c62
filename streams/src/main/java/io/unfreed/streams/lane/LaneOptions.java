package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.SizeRange;

/**
 * What a lane's statements are about.
 *
 * @param sizes allocation sizes that per-stack numbers count
 * @param olderNanos outstanding blocks at least this old are selected
 * @param untilNanos events after this session time are not applied; null for all
 * @param tickNanos tick to use instead of the session's; null for the session's
 * @param changedOnly statements list only what changed since the last one
 * @param statesTicks ticks are stated; where nobody asks for reports of them that is in vain
 */
public record LaneOptions(
    SizeRange sizes,
    long olderNanos,
    Long untilNanos,
    Long tickNanos,
    boolean changedOnly,
    boolean statesTicks) {
  /** What the topology publishes: everything, in steps. */
  public static final LaneOptions TOPOLOGY = new LaneOptions(SizeRange.ALL, 0, null, null, true);

  /** The whole recording, each statement complete. */
  public static final LaneOptions WHOLE = new LaneOptions(SizeRange.ALL, 0, null, null, false);

  /** Ticks are stated. */
  public LaneOptions(
      SizeRange sizes, long olderNanos, Long untilNanos, Long tickNanos, boolean changedOnly) {
    this(sizes, olderNanos, untilNanos, tickNanos, changedOnly, true);
  }

  /** Whether outstanding blocks are selected by age or size. */
  boolean selects() {
    return olderNanos > 0 || !sizes.isAll();
  }

  public LaneOptions {
    if (olderNanos < 0) {
      throw new IllegalArgumentException("age " + olderNanos + " ns is negative");
    }
    if (tickNanos != null && tickNanos <= 0) {
      throw new IllegalArgumentException("tick " + tickNanos + " ns is not positive");
    }
  }
}
