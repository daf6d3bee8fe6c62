package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;

/**
 * What one ledger counted. allocations = frees + superseded + closedByExec + outstandingCount.
 * Bytes are requested bytes. Not thread-safe; the ledger's own, so read it between events only.
 */
public final class LedgerTotals {
  private static final int SNAPSHOT_VERSION = 1;

  long allocations;
  long frees;
  long unmatchedFrees;
  long superseded;
  long closedByExec;
  long temporaryAllocations;
  long allocatedBytes;
  long peakBytes;
  long outstandingBytes;
  long outstandingCount;
  long lostEvents;
  long missingOutcomes;
  long boundedSizes;

  LedgerTotals() {}

  /** Allocations seen. */
  public long allocations() {
    return allocations;
  }

  /** Allocations released by free, realloc or unmapping. */
  public long frees() {
    return frees;
  }

  /** Frees of addresses that were not outstanding. */
  public long unmatchedFrees() {
    return unmatchedFrees;
  }

  /** Allocations whose address was allocated again: their free was missed. */
  public long superseded() {
    return superseded;
  }

  /** Allocations that ended with the image of the process at an exec. */
  public long closedByExec() {
    return closedByExec;
  }

  /** Allocations freed by the very next event of the thread that made them. */
  public long temporaryAllocations() {
    return temporaryAllocations;
  }

  /** Sum of the sizes of all allocations. */
  public long allocatedBytes() {
    return allocatedBytes;
  }

  /** Largest outstanding bytes after any event. */
  public long peakBytes() {
    return peakBytes;
  }

  /** Bytes outstanding now. */
  public long outstandingBytes() {
    return outstandingBytes;
  }

  /** Blocks outstanding now. */
  public long outstandingCount() {
    return outstandingCount;
  }

  /** Lost events that could concern this ledger. */
  public long lostEvents() {
    return lostEvents;
  }

  /** Releases whose outcome was never seen; counted as frees. */
  public long missingOutcomes() {
    return missingOutcomes;
  }

  /** Sizes and lengths that no address space holds, or that made too large a sum; they were cut. */
  public long boundedSizes() {
    return boundedSizes;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(
        new long[] {
          allocations,
          frees,
          unmatchedFrees,
          superseded,
          closedByExec,
          temporaryAllocations,
          allocatedBytes,
          peakBytes,
          outstandingBytes,
          outstandingCount,
          lostEvents,
          missingOutcomes,
          boundedSizes
        },
        13);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "totals");
    allocations = in.getLong();
    frees = in.getLong();
    unmatchedFrees = in.getLong();
    superseded = in.getLong();
    closedByExec = in.getLong();
    temporaryAllocations = in.getLong();
    allocatedBytes = in.getLong();
    peakBytes = in.getLong();
    outstandingBytes = in.getLong();
    outstandingCount = in.getLong();
    lostEvents = in.getLong();
    missingOutcomes = in.getLong();
    boundedSizes = in.getLong();
  }
}
