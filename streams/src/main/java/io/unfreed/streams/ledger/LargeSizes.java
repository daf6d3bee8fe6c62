package io.unfreed.streams.ledger;

import java.util.HashMap;
import java.util.Map;

/** Sizes of the few blocks of 4 GiB and more, by address. */
final class LargeSizes {
  private final Map<Long, Long> sizes = new HashMap<>();

  void put(long address, long sizeBytes) {
    sizes.put(address, sizeBytes);
  }

  long get(long address) {
    return sizes.get(address);
  }

  void remove(long address) {
    sizes.remove(address);
  }

  void clear() {
    sizes.clear();
  }
}
