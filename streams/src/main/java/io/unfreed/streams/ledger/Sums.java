package io.unfreed.streams.ledger;

/**
 * Sums of bytes and counts that end at the largest number: what lanes and processes say together
 * may be more than a number holds, and must not turn negative then.
 */
public final class Sums {
  private Sums() {}

  /** The sum of two numbers, neither of them negative. */
  public static long of(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
