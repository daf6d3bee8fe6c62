package io.unfreed.streams.query;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.LaneStatement;
import java.util.List;

/**
 * What the lanes of a session had come to between two batches, in compressed columns. A run of
 * another question goes on from there ({@link LedgerRun#goOn}) when this tells all that is asked of
 * what came before ({@link #isEnoughFor}).
 *
 * @param lanes in the order in which they came
 * @param marks named moments so far
 * @param columns every lane, one behind the other
 * @param reachedNanos session time that no event had passed; the least number before any
 */
public record RunCheckpoint(
    List<LaneAt> lanes, List<Mark> marks, List<byte[]> columns, long reachedNanos) {
  private static final long BYTES_PER_LANE = 40;

  /** The mark itself is shared by all. */
  private static final long BYTES_PER_MARK = 8;

  /**
   * A lane.
   *
   * @param laneCount lanes of its incarnation
   * @param end what it stated at its end; null when it goes on
   */
  record LaneAt(LaneKey key, int laneCount, LaneStatement end) {}

  /** Whether a question can go on from here. */
  public boolean isEnoughFor(ReportQuery query) {
    return query.canGoOn(reachedNanos) && (!query.isOfAllBlocks() || isTimed());
  }

  /** A lane without times does not state at its end which of its blocks was the oldest. */
  private boolean isTimed() {
    return lanes.stream().allMatch(lane -> lane.end() == null || lane.end().atNanos() != null);
  }

  /** Memory that is taken, roughly, without what lanes stated at their ends. */
  public long heldBytes() {
    return columns.stream().mapToLong(piece -> piece.length).sum()
        + lanes.size() * BYTES_PER_LANE
        + marks.size() * BYTES_PER_MARK;
  }

  /** Memory of what lanes stated at their ends; later checkpoints of the same run share it. */
  public long endedBytes() {
    return lanes.stream()
        .filter(lane -> lane.end() != null)
        .mapToLong(lane -> lane.end().heldBytes())
        .sum();
  }
}
