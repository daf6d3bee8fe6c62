package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.Sums;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Totals of one lane or one incarnation as of a moment.
 *
 * @param counts over all stacks and spaces
 * @param oneLane what only one lane knows
 * @param unmatchedFrees null with sampling or record filters
 * @param lostEvents lost events that could concern the incarnation
 * @param missingOutcomes releases whose outcome was never seen
 * @param doubtfulUntil blocks allocated until then may have been freed by a lost event; null for
 *     none
 * @param distinctStacks entries with outstanding blocks
 * @param bySpace spaces in which something was ever allocated, in their order
 * @param degraded what the memory did not suffice for; null when every block was followed
 */
public record TotalsNumbers(
    Counts counts,
    OneLane oneLane,
    Long unmatchedFrees,
    long lostEvents,
    long missingOutcomes,
    Long doubtfulUntil,
    int distinctStacks,
    List<SpaceNumbers> bySpace,
    Degraded degraded)
    implements Counted {

  /**
   * What does not add up, so that nobody knows it of several lanes.
   *
   * @param temporaryAllocations null with sampling and record filters too
   * @param peakBytes null where spaces overlap too
   */
  public record OneLane(Long temporaryAllocations, Long peakBytes) {
    /** Of several lanes. */
    public static final OneLane UNKNOWN = new OneLane(null, null);
  }

  /** Outstanding in one address space. */
  public record SpaceNumbers(AddressSpace space, long outstandingBytes, long outstandingCount) {
    SpaceNumbers plus(SpaceNumbers other) {
      return new SpaceNumbers(
          space,
          Sums.of(outstandingBytes, other.outstandingBytes),
          outstandingCount + other.outstandingCount);
    }
  }

  /** Null with sampling, record filters or several lanes. */
  public Long temporaryAllocations() {
    return oneLane.temporaryAllocations();
  }

  /** Whether what one space has may lie in another: pages are where blocks and mappings are. */
  public boolean spacesOverlap() {
    return overlap(bySpace);
  }

  static boolean overlap(List<SpaceNumbers> bySpace) {
    return bySpace.size() > 1
        && bySpace.stream().anyMatch(space -> space.space() == AddressSpace.PAGE);
  }

  /** Null with several lanes and where spaces overlap. */
  public Long peakBytes() {
    return oneLane.peakBytes();
  }

  /** True when no event counted for anything yet. */
  public boolean isNothing() {
    return allocations() == 0 && lostEvents == 0 && (unmatchedFrees == null || unmatchedFrees == 0);
  }

  /** The sum over several lanes, of which at least one has stated something. */
  public static TotalsNumbers sum(Collection<TotalsNumbers> lanes, int distinctStacks) {
    TotalsNumbers sum = lanes.stream().reduce(TotalsNumbers::plus).orElseThrow();
    return new TotalsNumbers(
        sum.counts,
        OneLane.UNKNOWN,
        sum.unmatchedFrees,
        sum.lostEvents,
        sum.missingOutcomes,
        sum.doubtfulUntil,
        distinctStacks,
        sum.bySpace,
        sum.degraded);
  }

  /** The distinct stacks of both may be the same ones, so that they do not add up. */
  private TotalsNumbers plus(TotalsNumbers other) {
    return new TotalsNumbers(
        counts.plus(other.counts),
        OneLane.UNKNOWN,
        unmatchedFrees == null || other.unmatchedFrees == null
            ? null
            : (Long) (unmatchedFrees + other.unmatchedFrees),
        Sums.of(lostEvents, other.lostEvents),
        missingOutcomes + other.missingOutcomes,
        later(doubtfulUntil, other.doubtfulUntil),
        0,
        sum(bySpace, other.bySpace),
        Degraded.sum(degraded, other.degraded));
  }

  private static Long later(Long a, Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Math.max(a, b);
  }

  private static List<SpaceNumbers> sum(List<SpaceNumbers> a, List<SpaceNumbers> b) {
    List<SpaceNumbers> sums = new ArrayList<>();
    for (AddressSpace space : AddressSpace.ALL) {
      List<SpaceNumbers> parts = new ArrayList<>(a);
      parts.addAll(b);
      parts.stream()
          .filter(part -> part.space() == space)
          .reduce(SpaceNumbers::plus)
          .ifPresent(sums::add);
    }
    return sums;
  }
}
