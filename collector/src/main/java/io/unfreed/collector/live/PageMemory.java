package io.unfreed.collector.live;

/** What the known pages of all processes take of the heap together. Used by one thread. */
final class PageMemory {
  private static final int PART_OF_HEAP = 4;

  private final long limitBytes;
  private long usedBytes;

  PageMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** As much as this process can let them have. */
  static PageMemory ofHeap() {
    return new PageMemory(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  /** Whether another page may come. */
  boolean hasRoom() {
    return usedBytes < limitBytes;
  }

  long usedBytes() {
    return usedBytes;
  }

  void add(long bytes) {
    usedBytes += bytes;
  }
}
