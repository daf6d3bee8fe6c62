package io.unfreed.streams.ledger;

import java.util.Arrays;

/** Durations by power of two: bucket 0 holds 0 ns, bucket i holds 2^(i-1) to 2^i - 1 ns. */
public final class Log2Buckets {
  /** Number of buckets; the last holds all longer durations (over 3 days). */
  public static final int COUNT = 49;

  private Log2Buckets() {}

  /** The bucket of a duration; below 0 counts as 0. */
  public static int of(long nanos) {
    return nanos <= 0 ? 0 : Math.min(COUNT - 1, Long.SIZE - Long.numberOfLeadingZeros(nanos));
  }

  /** A copy without trailing zeros; empty for null. */
  static long[] trimmed(long[] row) {
    if (row == null) {
      return new long[0];
    }
    int length = row.length;
    while (length > 0 && row[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(row, length);
  }
}
