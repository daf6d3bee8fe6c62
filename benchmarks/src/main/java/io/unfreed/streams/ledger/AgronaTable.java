package io.unfreed.streams.ledger;

import org.agrona.collections.Long2LongHashMap;

/** Two maps of agrona, address to time and address to size and site: the least one could write. */
final class AgronaTable implements BlockLayout {
  private final Long2LongHashMap times = new Long2LongHashMap(-1);
  private final Long2LongHashMap sizes = new Long2LongHashMap(-1);

  @Override
  public void add(long address, long timeNanos, long sizeBytes, int site) {
    times.put(address, timeNanos);
    sizes.put(address, (sizeBytes << Integer.SIZE) | site);
  }

  @Override
  public long take(long address) {
    times.remove(address);
    long found = sizes.remove(address);
    return found == -1 ? -1 : found >>> Integer.SIZE;
  }
}
