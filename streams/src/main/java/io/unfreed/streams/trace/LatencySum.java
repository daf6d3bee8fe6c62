package io.unfreed.streams.trace;

import io.unfreed.schemas.TraceRow;

/**
 * What happened in a stretch of time in several rows, added up. The longest of a stretch is known
 * only when it was the longest of its row so far: for the others there are bounds.
 */
public final class LatencySum {
  private static final long NANOS_PER_MICRO = 1000;

  private final long[] slots = new long[LatencyHistogram.SLOTS];
  private long count;
  private long failed;
  private long totalNanos;
  private long longestFromNanos;
  private long longestToNanos;

  /**
   * Adds a row.
   *
   * @param difference what happened in the stretch
   * @param longestNanos the longest of it; null when it is not known
   */
  public void add(TraceRow difference, Long longestNanos) {
    count += difference.getCount();
    failed += difference.getFailed();
    totalNanos += difference.getTotalNanos();
    int last = -1;
    for (int slot = 0; slot < difference.getSlots().size(); slot++) {
      slots[slot] += difference.getSlots().get(slot);
      last = difference.getSlots().get(slot) > 0 ? slot : last;
    }
    if (longestNanos != null) {
      bound(longestNanos, longestNanos);
    } else if (last >= 0) {
      long most = difference.getMaxNanos();
      boolean isOpen = last == LatencyHistogram.SLOTS - 1;
      bound(
          Math.min(most, LatencyHistogram.fromMicros(last) * NANOS_PER_MICRO),
          isOpen
              ? most
              : Math.min(most, (LatencyHistogram.toMicros(last) + 1) * NANOS_PER_MICRO - 1));
    }
  }

  /** Adds what happened in another stretch. */
  void add(LatencySum other) {
    count += other.count;
    failed += other.failed;
    totalNanos += other.totalNanos;
    for (int slot = 0; slot < slots.length; slot++) {
      slots[slot] += other.slots[slot];
    }
    bound(other.longestFromNanos, other.longestToNanos);
  }

  private void bound(long fromNanos, long toNanos) {
    longestFromNanos = Math.max(longestFromNanos, fromNanos);
    longestToNanos = Math.max(longestToNanos, toNanos);
  }

  /** Calls, waits, requests or allocations. */
  public long count() {
    return count;
  }

  /** Of them. */
  public long failed() {
    return failed;
  }

  /** How long all took together. */
  public long totalNanos() {
    return totalNanos;
  }

  /** The longest; null when it is not known. */
  public Long longestNanos() {
    return longestFromNanos == longestToNanos ? longestToNanos : null;
  }

  /** The longest is not longer. */
  public long longestAtMostNanos() {
    return longestToNanos;
  }

  /** How long they took. */
  public LatencyHistogram histogram() {
    return new LatencyHistogram(slots, longestToNanos);
  }
}
