package io.unfreed.streams.lane;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.function.BooleanSupplier;

/**
 * The ticks of one lane: which boundaries event time has passed, and which of them are stated now.
 * Tick k ends at k times the session's tick; without time there is none. Not thread-safe.
 */
final class LaneTicks {
  /** States what is outstanding at ticks. */
  interface Stating {
    /** Ticks {@code first} to {@code last}, between which nothing changed, at the last of them. */
    void ticks(long first, long last, long momentNanos);
  }

  private final boolean areStated;
  private final Stating stating;
  private final QuietTicks quiet = new QuietTicks();
  private long tickNanos;
  private long next;
  private long nextBoundaryNanos = Long.MAX_VALUE;

  /** Without being stated they are counted all the same. */
  LaneTicks(boolean areStated, Stating stating) {
    this.areStated = areStated;
    this.stating = stating;
  }

  /** How long a tick is; 0 without time. To be said before any passes. */
  void every(long nanos) {
    tickNanos = nanos;
  }

  /** See {@link LaneState#holdBackQuietTicks}. */
  void holdBackIf(BooleanSupplier areMany) {
    quiet.holdBackIf(areMany);
  }

  /** The next that will pass; 0 when it is not known where they begin. */
  long next() {
    return next;
  }

  /** The first tick that is held back; 0 when none is. */
  long heldFrom() {
    return quiet.first();
  }

  /** Where they begin, with the first event: ticks of several lanes are the incarnation's. */
  void begin(int laneCount, long momentNanos) {
    if (tickNanos > 0 && next == 0) {
      nextIs(laneCount > 1 ? 1 : Math.max(1, Math.ceilDiv(momentNanos, tickNanos)));
    }
  }

  /** States the last boundary before a moment, if one was passed. */
  void pass(long momentNanos) {
    if (tickNanos > 0 && momentNanos > nextBoundaryNanos) {
      long last = (momentNanos - 1) / tickNanos;
      if (areStated) {
        passed(next, last);
      }
      nextIs(last + 1);
    }
  }

  private void nextIs(long tick) {
    next = tick;
    nextBoundaryNanos = tick * tickNanos;
  }

  private void passed(long first, long last) {
    boolean isHeldBack = quiet.pass();
    if (!isHeldBack || !quiet.isNext(last)) {
      stateHeld();
    }
    if (!isHeldBack) {
      stating.ticks(first, last, last * tickNanos);
      return;
    }
    quiet.hold(last);
    if (quiet.isFull(tickNanos)) {
      stateHeld();
    }
  }

  /** A batch says nothing but that time has passed. */
  void silence() {
    quiet.silence();
  }

  /** What was held back is stated as it was: something else is about to happen. */
  void endSilence() {
    stateHeld();
    quiet.interrupt();
  }

  private void stateHeld() {
    if (quiet.first() > 0) {
      stating.ticks(quiet.first(), quiet.last(), quiet.last() * tickNanos);
      quiet.stated();
    }
  }

  void snapshotTo(SnapshotOut out) {
    out.put(tickNanos);
    out.put(next);
    out.put(nextBoundaryNanos);
  }

  void restoreFrom(SnapshotIn in) {
    tickNanos = in.getLong();
    next = in.getLong();
    nextBoundaryNanos = in.getLong();
  }

  /** Those held back, which the first snapshots did not have. */
  QuietTicks held() {
    return quiet;
  }
}
