package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.AddressSpace;
import java.util.List;

/**
 * Counts of one lane or one incarnation as of a moment. allocations = frees + superseded +
 * closedByExec + outstandingCount.
 *
 * @param unmatchedFrees null with sampling or record filters
 * @param temporaryAllocations null with sampling, record filters or several lanes
 * @param peakBytes null with several lanes and for the kernel
 * @param lostEvents lost events that could concern the incarnation
 * @param missingOutcomes releases whose outcome was never seen
 * @param distinctStacks entries with outstanding blocks
 * @param bySpace spaces in which something was ever allocated, in their order
 */
public record TotalsNumbers(
    long allocations,
    long frees,
    Long unmatchedFrees,
    long superseded,
    long closedByExec,
    Long temporaryAllocations,
    long allocatedBytes,
    Long peakBytes,
    long outstandingBytes,
    long outstandingCount,
    long certainBytes,
    long lostEvents,
    long missingOutcomes,
    int distinctStacks,
    List<SpaceNumbers> bySpace) {

  /** Outstanding in one address space. */
  public record SpaceNumbers(AddressSpace space, long outstandingBytes, long outstandingCount) {}
}
