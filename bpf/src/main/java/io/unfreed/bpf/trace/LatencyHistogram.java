package io.unfreed.bpf.trace;

import java.util.Arrays;

/**
 * How long happenings took: counts by powers of two of microseconds. Slot k is of 2^k to 2^(k+1)-1
 * us, but slot 0 of 0 and 1 us. A quantile is interpolated within its slot, as if the slot's were
 * evenly spread, and never above the longest that was seen: above 2 us it is off by less than a
 * factor of two.
 */
public final class LatencyHistogram {
  public static final int SLOTS = 32;
  private static final double NANOS_PER_MICRO = 1000;

  private final long[] slots;
  private final long maxNanos;

  public LatencyHistogram(long[] slots, long maxNanos) {
    if (slots.length != SLOTS) {
      throw new IllegalArgumentException(slots.length + " slots");
    }
    this.slots = slots.clone();
    this.maxNanos = maxNanos;
  }

  public long count(int slot) {
    return slots[slot];
  }

  public long count() {
    return Arrays.stream(slots).sum();
  }

  public static long fromMicros(int slot) {
    return slot == 0 ? 0 : 1L << slot;
  }

  /** Inclusive. */
  public static long toMicros(int slot) {
    return (1L << (slot + 1)) - 1;
  }

  /** The first slot that is not empty; 0 when all are. */
  public int first() {
    int slot = 0;
    while (slot < SLOTS - 1 && slots[slot] == 0) {
      slot++;
    }
    return slots[slot] == 0 ? 0 : slot;
  }

  /** The last slot that is not empty; -1 when all are. */
  public int last() {
    int slot = SLOTS - 1;
    while (slot >= 0 && slots[slot] == 0) {
      slot--;
    }
    return slot;
  }

  /**
   * How long the given part of all took at most.
   *
   * @param part as 0.95
   */
  public long quantileNanos(double part) {
    double rank = part * count();
    long before = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      if (slots[slot] > 0 && before + slots[slot] >= rank) {
        double share = (rank - before) / slots[slot];
        double from = fromMicros(slot);
        double micros = from + share * (toMicros(slot) + 1 - from);
        return Math.min(maxNanos, (long) (micros * NANOS_PER_MICRO));
      }
      before += slots[slot];
    }
    return maxNanos;
  }

  /** Together with another. */
  public LatencyHistogram plus(LatencyHistogram other) {
    long[] sum = slots.clone();
    for (int slot = 0; slot < SLOTS; slot++) {
      sum[slot] += other.slots[slot];
    }
    return new LatencyHistogram(sum, Math.max(maxNanos, other.maxNanos));
  }
}
