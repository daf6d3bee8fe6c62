package io.unfreed.streams.ledger;

/**
 * Allocation sizes that are counted per stack; bounds are inclusive.
 *
 * @param minBytes smallest size
 * @param maxBytes largest size
 */
public record SizeRange(long minBytes, long maxBytes) {
  /** Every size passes. */
  public static final SizeRange ALL = new SizeRange(0, Long.MAX_VALUE);

  public SizeRange {
    if (minBytes < 0 || maxBytes < minBytes) {
      throw new IllegalArgumentException(
          "sizes from " + minBytes + " to " + maxBytes + " bytes: no such range");
    }
  }

  /** Whether a size passes. */
  public boolean passes(long sizeBytes) {
    return sizeBytes >= minBytes && sizeBytes <= maxBytes;
  }

  /** Whether every size passes. */
  public boolean isAll() {
    return minBytes == 0 && maxBytes == Long.MAX_VALUE;
  }
}
