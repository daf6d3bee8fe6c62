package io.unfreed.shim.arena;

import java.util.ArrayList;
import java.util.List;

/**
 * One image's rings.
 *
 * @param <L> what the handler keeps for it
 */
final class ImageReader<L> {
  /** Then rings are given back, and who reads may be asked whether it is the right one to do so. */
  private static final int MOST_IN_A_TURN = 1 << 18;

  final RecordedImage image;
  final L lane;
  private final List<RingReader> rings = new ArrayList<>();
  private final RingMerge merge = new RingMerge();

  /** Its process is gone, or another image: whatever is in its rings is all there will be. */
  boolean ending;

  /** There is more than was handed out in the last turn. */
  boolean isBehind;

  /** Everything up to here has been handed out. */
  long completeStamp;

  ImageReader(RecordedImage image, L lane) {
    this.image = image;
    this.lane = lane;
  }

  void add(RingReader ring) {
    rings.add(ring);
  }

  List<RingReader> rings() {
    return rings;
  }

  /** Tells losses up to now, then hands out what is complete. */
  int drain(ArenaHandler<L> handler, StampClock clock, long fromStamp, long nowStamp) {
    long limit = ending ? Long.MAX_VALUE : nowStamp;
    merge.clear();
    for (int i = 0; i < rings.size(); i++) {
      // Before its head: a record that is not pending any more is then there.
      limit = Math.min(limit, ending ? limit : rings.get(i).pendingLimit(nowStamp));
    }
    for (int i = 0; i < rings.size(); i++) {
      RingReader ring = rings.get(i);
      if (ring.look()) {
        merge.add(ring);
      }
      long dropped = ring.newlyDropped();
      if (dropped > 0) {
        // Some may have been dropped since the turn began: its window ends after the count was
        // read.
        handler.lost(lane, dropped, clock.nanos(fromStamp), clock.nanos(clock.now()));
      }
    }
    completeStamp = Math.min(limit, nowStamp);
    int most = ending ? Integer.MAX_VALUE : MOST_IN_A_TURN;
    int taken = merge.drain(handler, lane, clock, limit, nowStamp, most);
    isBehind = taken == most;
    if (isBehind) {
      completeStamp = Math.min(completeStamp, merge.nextStamp() - 1);
    }
    for (int i = 0; i < rings.size(); i++) {
      rings.get(i).giveBack();
    }
    return taken;
  }
}
