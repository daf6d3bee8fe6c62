package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.Sums;
import java.util.Arrays;

/**
 * What one stack did in one address space as of a moment. allocations = frees + superseded +
 * closedByExec + outstandingCount when nothing is selected by age. Bytes are requested bytes.
 *
 * @param key stack and space
 * @param heldCount outstanding blocks, selected or not
 * @param oldestTimeNanos session time of the oldest outstanding block's allocation, null if none
 * @param growing the outstanding count rose in each of the last three ticks
 * @param lifetimes released blocks by log2 lifetime, trailing zeros cut
 * @param ages outstanding blocks by log2 age, trailing zeros cut
 * @param freedBy who released; null when the recording has no stacks of releases
 */
public record StackNumbers(
    StackKey key,
    long outstandingBytes,
    long outstandingCount,
    long heldCount,
    long certainBytes,
    long allocations,
    long frees,
    long superseded,
    long closedByExec,
    long allocatedBytes,
    Long oldestTimeNanos,
    boolean growing,
    long[] lifetimes,
    long[] ages,
    FreedBy freedBy) {

  /** The same with another verdict on growth. */
  public StackNumbers withGrowing(boolean verdict) {
    return verdict == growing
        ? this
        : new StackNumbers(
            key,
            outstandingBytes,
            outstandingCount,
            heldCount,
            certainBytes,
            allocations,
            frees,
            superseded,
            closedByExec,
            allocatedBytes,
            oldestTimeNanos,
            verdict,
            lifetimes,
            ages,
            freedBy);
  }

  /** The sum of two lanes' numbers of one stack. */
  public StackNumbers plus(StackNumbers other) {
    return new StackNumbers(
        key,
        Sums.of(outstandingBytes, other.outstandingBytes),
        outstandingCount + other.outstandingCount,
        heldCount + other.heldCount,
        Sums.of(certainBytes, other.certainBytes),
        allocations + other.allocations,
        frees + other.frees,
        superseded + other.superseded,
        closedByExec + other.closedByExec,
        Sums.of(allocatedBytes, other.allocatedBytes),
        older(oldestTimeNanos, other.oldestTimeNanos),
        growing,
        sum(lifetimes, other.lifetimes),
        sum(ages, other.ages),
        FreedBy.sum(freedBy, other.freedBy));
  }

  /** The same with no more releasers than are listed: sums of lanes may have more. */
  public StackNumbers withListedReleasers() {
    return freedBy == null || freedBy.stacks().size() <= FreedBy.LISTED
        ? this
        : withFreedBy(FreedBy.mostOf(freedBy.stacks(), freedBy.otherFrees()));
  }

  private StackNumbers withFreedBy(FreedBy releasers) {
    return new StackNumbers(
        key,
        outstandingBytes,
        outstandingCount,
        heldCount,
        certainBytes,
        allocations,
        frees,
        superseded,
        closedByExec,
        allocatedBytes,
        oldestTimeNanos,
        growing,
        lifetimes,
        ages,
        releasers);
  }

  private static Long older(Long a, Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Math.min(a, b);
  }

  private static long[] sum(long[] a, long[] b) {
    long[] longer = a.length >= b.length ? a : b;
    long[] shorter = a.length >= b.length ? b : a;
    long[] total = Arrays.copyOf(longer, longer.length);
    for (int i = 0; i < shorter.length; i++) {
      total[i] += shorter[i];
    }
    return total;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof StackNumbers n
        && key.equals(n.key)
        && outstandingBytes == n.outstandingBytes
        && outstandingCount == n.outstandingCount
        && heldCount == n.heldCount
        && certainBytes == n.certainBytes
        && allocations == n.allocations
        && frees == n.frees
        && superseded == n.superseded
        && closedByExec == n.closedByExec
        && allocatedBytes == n.allocatedBytes
        && java.util.Objects.equals(oldestTimeNanos, n.oldestTimeNanos)
        && growing == n.growing
        && Arrays.equals(lifetimes, n.lifetimes)
        && Arrays.equals(ages, n.ages)
        && java.util.Objects.equals(freedBy, n.freedBy);
  }

  @Override
  public int hashCode() {
    return key.hashCode() * 31 + Long.hashCode(outstandingBytes * 31 + allocations);
  }

  @Override
  public String toString() {
    return key.stackId()
        + "/"
        + key.space().label()
        + "[outstanding="
        + outstandingBytes
        + " B in "
        + outstandingCount
        + " of "
        + heldCount
        + ", certain="
        + certainBytes
        + ", allocations="
        + allocations
        + ", frees="
        + frees
        + ", superseded="
        + superseded
        + ", closedByExec="
        + closedByExec
        + ", allocatedBytes="
        + allocatedBytes
        + ", oldest="
        + oldestTimeNanos
        + ", growing="
        + growing
        + ", lifetimes="
        + Arrays.toString(lifetimes)
        + ", ages="
        + Arrays.toString(ages)
        + ", freedBy="
        + freedBy
        + "]";
  }
}
