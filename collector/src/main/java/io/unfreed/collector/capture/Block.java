package io.unfreed.collector.capture;

import java.util.Arrays;

/** One decompressed block. Reused. */
final class Block {
  private static final int FIRST_BYTES = 64 * 1024;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private long records;
  private long offset;

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Records the block says it has. */
  long records() {
    return records;
  }

  /** Where the block begins in the file. */
  long offset() {
    return offset;
  }

  void begin(long blockOffset, long recordCount) {
    offset = blockOffset;
    records = recordCount;
    length = 0;
  }

  void grew(int count) {
    length += count;
  }

  /** Makes room for {@code capacity} bytes in all. */
  void ensure(int capacity) {
    if (bytes.length < capacity) {
      bytes = Arrays.copyOf(bytes, capacity);
    }
  }
}
