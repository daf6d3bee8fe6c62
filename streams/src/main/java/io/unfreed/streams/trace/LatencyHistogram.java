package io.unfreed.streams.trace;

import io.unfreed.schemas.wire.TraceRules;
import java.util.Arrays;
import java.util.List;

/**
 * How long happenings took: counts by powers of two of microseconds. Slot k is of 2^k to 2^(k+1)-1
 * us, but slot 0 of 0 and 1 us. A quantile is interpolated within its slot, as if the slot's were
 * evenly spread, and never above the longest that was seen: above 2 us it is off by less than a
 * factor of two, and {@link Quantile} says between which bounds the true one is.
 */
public final class LatencyHistogram {
  public static final int SLOTS = TraceRules.SLOTS;
  private static final long NANOS_PER_MICRO = 1000;

  /**
   * How long a part of all took at most.
   *
   * @param fromNanos the true one is not below
   * @param toNanos and not above
   */
  public record Quantile(long nanos, long fromNanos, long toNanos) {}

  private final long[] slots;
  private final long maxNanos;

  public LatencyHistogram(long[] slots, long maxNanos) {
    if (slots.length != SLOTS) {
      throw new IllegalArgumentException(slots.length + " slots");
    }
    this.slots = slots.clone();
    this.maxNanos = maxNanos;
  }

  /** Of a row, whose last slots may be left out. */
  public static LatencyHistogram of(List<Long> slots, long maxNanos) {
    long[] all = new long[SLOTS];
    Arrays.setAll(all, slot -> slot < slots.size() ? slots.get(slot) : 0);
    return new LatencyHistogram(all, maxNanos);
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
    return quantile(part).nanos();
  }

  /** The same with its error: the bounds of its slot, and the longest that was seen. */
  public Quantile quantile(double part) {
    double rank = part * count();
    long before = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      if (slots[slot] > 0 && before + slots[slot] >= rank) {
        double share = (rank - before) / slots[slot];
        double from = fromMicros(slot);
        double micros = from + share * (toMicros(slot) + 1 - from);
        return new Quantile(
            Math.min(maxNanos, (long) (micros * NANOS_PER_MICRO)),
            Math.min(maxNanos, fromMicros(slot) * NANOS_PER_MICRO),
            slot == SLOTS - 1 // what is longer than that is counted there, too
                ? maxNanos
                : Math.min(maxNanos, (toMicros(slot) + 1) * NANOS_PER_MICRO - 1));
      }
      before += slots[slot];
    }
    return new Quantile(maxNanos, 0, maxNanos);
  }
}
