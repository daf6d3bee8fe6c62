package io.unfreed.streams.query;

import io.unfreed.streams.lane.LaneObserver;
import io.unfreed.streams.window.BlockTally;

/** A tally and somebody who watches; the tally says which births are asked for. */
record WatchedTally(BlockTally tally, LaneObserver watcher) implements LaneObserver {
  @Override
  public boolean event(long eventNanos) {
    watcher.event(eventNanos);
    return tally.event(eventNanos);
  }

  @Override
  public void lost(long events, long atNanos) {
    watcher.lost(events, atNanos);
  }

  @Override
  public void opened(Block block) {
    tally.opened(block);
    watcher.opened(block);
  }

  @Override
  public void shrunk(Block left, long bytes) {
    tally.shrunk(left, bytes);
    watcher.shrunk(left, bytes);
  }

  @Override
  public void closed(Block block, Why why, int releaser, long timeNanos) {
    tally.closed(block, why, releaser, timeNanos);
    watcher.closed(block, why, releaser, timeNanos);
  }
}
