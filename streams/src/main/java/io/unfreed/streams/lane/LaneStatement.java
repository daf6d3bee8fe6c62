package io.unfreed.streams.lane;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import java.util.List;

/**
 * What one lane states at a moment: absolute values, so that a repeat is harmless.
 *
 * @param lane whose statement it is
 * @param moment when and why it was made
 * @param totals totals of the lane; null when the lane ended before and a marker asks again
 * @param stacks entries that changed since the last statement, or all entries
 */
public record LaneStatement(
    Lane lane, Moment moment, TotalsNumbers totals, List<StackNumbers> stacks) {
  private static final long BYTES = 200;

  /** Its numbers with its lifetimes and what it accumulated. */
  private static final long BYTES_PER_STACK = 1500;

  /**
   * A lane as its batches describe it.
   *
   * @param key session, incarnation, lane
   * @param laneCount lanes of the incarnation
   * @param process the incarnation as far as known
   * @param filtered sampling or record filters were on
   * @param kernel the spaces overlap
   */
  public record Lane(
      LaneKey key, int laneCount, Process process, boolean filtered, boolean kernel) {
    static Lane of(BatchHeader header) {
      return new Lane(
          header.key(), header.laneCount(), header.process(), header.filtered(), header.kernel());
    }
  }

  /**
   * A moment at which a lane states something.
   *
   * @param occasion why
   * @param marker token of the marker that asked, null otherwise
   * @param firstTick for a tick and a final: the values hold from this boundary ...
   * @param lastTick ... to this one; 0 but for a tick
   * @param atNanos session time; null when the source has no time
   * @param quietSince every boundary from this one to the last was passed by itself, and nothing
   *     had changed since the one before; 0 when that is said of none
   */
  public record Moment(
      Occasion occasion,
      String marker,
      long firstTick,
      long lastTick,
      Long atNanos,
      long quietSince) {
    /** The same of which nothing is said of other boundaries. */
    public Moment(Occasion occasion, String marker, long firstTick, long lastTick, Long atNanos) {
      this(occasion, marker, firstTick, lastTick, atNanos, 0);
    }

    private Moment withMarker(String token) {
      return new Moment(occasion, token, firstTick, lastTick, atNanos);
    }

    private Moment withLastTick(long tick) {
      return new Moment(occasion, marker, firstTick, tick, atNanos);
    }
  }

  /** Why a statement was made. */
  public enum Occasion {
    /** A boundary passed. */
    TICK,
    /** The process or the session ended. */
    FINAL,
    /** Somebody asked; the lane goes on. */
    MARKER
  }

  /** Receives statements in the order they are made. */
  public interface Listener {
    void statement(LaneStatement statement);
  }

  /** The answer of a lane that has ended before: it has nothing to add. */
  public static LaneStatement ofEnded(BatchHeader marker) {
    return new LaneStatement(
        Lane.of(marker),
        new Moment(
            Occasion.MARKER,
            marker.marker(),
            0,
            0,
            marker.tickNanos() > 0 ? marker.watermarkNanos() : null),
        null,
        List.of());
  }

  public LaneKey key() {
    return lane.key();
  }

  public Occasion occasion() {
    return moment.occasion();
  }

  public String marker() {
    return moment.marker();
  }

  public long firstTick() {
    return moment.firstTick();
  }

  public long lastTick() {
    return moment.lastTick();
  }

  public Long atNanos() {
    return moment.atNanos();
  }

  /**
   * Whether no other stack of the lane counts for anything: its stacks account for every allocation
   * of the lane. True of the first statements of a lane, and of the first one behind a restart that
   * found less than had been stated.
   */
  public boolean isComplete() {
    return totals != null
        && stacks.stream().mapToLong(StackNumbers::allocations).sum() == totals.allocations();
  }

  /** Whether somebody who asked may still wait for other lanes. */
  public boolean isAwaited() {
    return occasion() == Occasion.MARKER && marker() != null;
  }

  /** Memory that is taken, roughly. */
  public long heldBytes() {
    return BYTES + stacks.size() * BYTES_PER_STACK;
  }

  /** What is left of a marker whose numbers were applied: that the lane has met it. */
  public LaneStatement withoutNumbers() {
    return new LaneStatement(lane, moment, null, List.of());
  }

  /** What is left of a marker that was answered: its numbers. */
  public LaneStatement answered() {
    return new LaneStatement(lane, moment.withMarker(null), totals, stacks);
  }

  /** What is left when it was applied: its totals, and how far the lane has come. */
  public LaneStatement applied(long lastTick) {
    return new LaneStatement(lane, moment.withLastTick(lastTick), totals, List.of());
  }
}
