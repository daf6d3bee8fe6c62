package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.Sums;

/**
 * What was allocated, what became of it and what is left, of a stack, a lane or an incarnation.
 * allocations = frees + superseded + closedByExec + outstandingCount when nothing is selected by
 * age. Bytes are requested bytes. Counts add up.
 */
public record Counts(
    long allocations,
    long frees,
    long superseded,
    long closedByExec,
    long allocatedBytes,
    long outstandingBytes,
    long outstandingCount,
    long certainBytes) {
  /** Nothing was allocated. */
  public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);

  /** The sum of both. */
  public Counts plus(Counts other) {
    return new Counts(
        allocations + other.allocations,
        frees + other.frees,
        superseded + other.superseded,
        closedByExec + other.closedByExec,
        Sums.of(allocatedBytes, other.allocatedBytes),
        Sums.of(outstandingBytes, other.outstandingBytes),
        outstandingCount + other.outstandingCount,
        Sums.of(certainBytes, other.certainBytes));
  }
}
