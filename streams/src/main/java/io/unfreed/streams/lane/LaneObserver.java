package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.BlockObserver;

/** Is told of a lane's blocks, and before each event how late it is. */
public interface LaneObserver extends BlockObserver {
  /**
   * An event comes.
   *
   * @param eventNanos event time: the running maximum of the stamps
   * @return whether blocks that it allocates are asked for
   */
  boolean event(long eventNanos);

  /**
   * Events were lost.
   *
   * @param atNanos event time at which their window begins
   */
  default void lost(long events, long atNanos) {}
}
