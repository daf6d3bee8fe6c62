package io.unfreed.streams.lane;

/** An observer that will want to know which stacks the entries of its blocks are. */
public interface LaneWatcher extends LaneObserver {
  /** Before the first event: who tells them. */
  void sees(LaneBlocks blocks);
}
