package io.unfreed.schemas.wire;

import java.util.Arrays;

/** A growing column of decoded numbers, reused from batch to batch. Not thread-safe. */
final class Numbers {
  private static final int LONGEST_NUMBER = 10;

  private long[] items = new long[1024];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  long[] items() {
    return items;
  }

  /**
   * Decodes {@code count} zigzag variable-length numbers and appends them.
   *
   * @return the index behind the last byte read
   */
  int decode(byte[] bytes, int from, int limit, int count) throws MalformedBatchException {
    if (count > limit - from) {
      throw new MalformedBatchException(count + " numbers in " + (limit - from) + " bytes");
    }
    if (items.length < size + count) {
      items = Arrays.copyOf(items, Math.max(size + count, items.length * 2));
    }
    long[] out = items;
    int end = size + count;
    int at = from;
    for (int i = size; i < end; i++) {
      if (at >= limit) {
        throw new MalformedBatchException("column cut off at byte " + at);
      }
      long raw = bytes[at++];
      if (raw < 0) {
        raw &= 0x7F;
        int last = Math.min(limit, at + LONGEST_NUMBER - 1);
        int shift = 7;
        byte b;
        do {
          if (at >= last) {
            throw new MalformedBatchException("number cut off or over 10 bytes at byte " + at);
          }
          b = bytes[at++];
          raw |= (b & 0x7FL) << shift;
          shift += 7;
        } while (b < 0);
      }
      out[i] = (raw >>> 1) ^ -(raw & 1);
    }
    size = end;
    return at;
  }
}
