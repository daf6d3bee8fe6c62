package io.unfreed.schemas.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing column of decoded numbers, reused from batch to batch. Not thread-safe. */
final class Numbers {
  private static final int LONGEST_NUMBER = 10;
  private static final long END_BITS = 0x8080_8080_8080_8080L;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
    int i = size;
    int lastWord = limit - Long.BYTES;
    while (i < end) {
      long word = at <= lastWord ? (long) WORD.get(bytes, at) : 0;
      long ends = ~word & END_BITS;
      if (at > lastWord || ends == 0) {
        at = decodeOne(bytes, at, limit, i++);
      } else if (ends == END_BITS && end - i >= Long.BYTES) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
          out[i++] = unzigzag((word >>> shift) & 0x7F);
        }
        at += Long.BYTES;
      } else {
        int lastBit = Long.numberOfTrailingZeros(ends);
        out[i++] = unzigzag(joined(word & -1L >>> (Long.SIZE - 1 - lastBit)));
        long nextEnds = ends & (ends - 1);
        if (nextEnds != 0 && i < end) { // two at once: where the next word begins is known sooner
          int nextBit = Long.numberOfTrailingZeros(nextEnds);
          long next = word & -1L >>> (Long.SIZE - 1 - nextBit);
          out[i++] = unzigzag(joined(next >>> (lastBit + 1)));
          lastBit = nextBit;
        }
        at += (lastBit + 1) >>> 3;
      }
    }
    size = end;
    return at;
  }

  /** The seven lower bits of each byte, put together; one number without a branch per byte. */
  private static long joined(long word) {
    long x = word & 0x7F7F_7F7F_7F7F_7F7FL;
    x = (x & 0x007F_007F_007F_007FL) | ((x & 0x7F00_7F00_7F00_7F00L) >>> 1);
    x = (x & 0x0000_3FFF_0000_3FFFL) | ((x & 0x3FFF_0000_3FFF_0000L) >>> 2);
    return (x & 0x0FFF_FFFFL) | ((x & 0x0FFF_FFFF_0000_0000L) >>> 4);
  }

  private static long unzigzag(long raw) {
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Near the end of the bytes, and numbers of nine and ten bytes: byte by byte. */
  private int decodeOne(byte[] bytes, int from, int limit, int to) throws MalformedBatchException {
    int at = from;
    if (at >= limit) {
      throw new MalformedBatchException("column cut off at byte " + at);
    }
    int last = Math.min(limit, at + LONGEST_NUMBER);
    long raw = 0;
    int shift = 0;
    byte b;
    do {
      if (at >= last) {
        throw new MalformedBatchException("number cut off or over 10 bytes at byte " + at);
      }
      b = bytes[at++];
      raw |= (b & 0x7FL) << shift;
      shift += 7;
    } while (b < 0);
    items[to] = unzigzag(raw);
    return at;
  }
}
