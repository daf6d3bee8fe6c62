package io.unfreed.cli.option;

import io.unfreed.query.UsageException;
import picocli.CommandLine.Option;

/** Which allocations by their size; bounds are inclusive. */
public final class SizeOptions {
  @Option(
      names = "--min-size",
      paramLabel = "B",
      converter = ByteSizes.class,
      defaultValue = "0",
      description = "Only allocations of at least B bytes.")
  private long minBytes;

  @Option(
      names = "--max-size",
      paramLabel = "B",
      converter = ByteSizes.class,
      description = "Only allocations of at most B bytes.")
  private Long maxBytes;

  /** Refuses a range that holds no size. */
  public void check() {
    if (maxBytes != null && maxBytes < minBytes) {
      throw new UsageException("--min-size " + minBytes + " is larger than --max-size " + maxBytes);
    }
  }

  /** Whether any size is left out. */
  public boolean isLimited() {
    return minBytes > 0 || maxBytes != null;
  }

  /** The smallest size that counts. */
  public long minBytes() {
    return minBytes;
  }

  /** The largest size that counts. */
  public long maxBytes() {
    return maxBytes == null ? Long.MAX_VALUE : maxBytes;
  }
}
