package io.unfreed.collector.capture;

import java.util.Arrays;

/** Bytes of one block and a count of the records in them; reused from block to block. */
final class BlockBuffer {
  private byte[] bytes;
  private int length;
  private int records;

  BlockBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  void clear() {
    length = 0;
    records = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  int records() {
    return records;
  }

  /** Appends one record of the union: its branch, then its body. */
  void addRecord(int branch, byte[] body, int bodyLength) {
    put((byte) (branch << 1));
    put(body, 0, bodyLength);
    records++;
  }

  /** Appends an Avro long. */
  void putLong(long value) {
    long raw = (value << 1) ^ (value >> 63);
    while ((raw & ~0x7FL) != 0) {
      put((byte) (raw | 0x80));
      raw >>>= 7;
    }
    put((byte) raw);
  }

  void put(byte b) {
    ensure(1);
    bytes[length++] = b;
  }

  void put(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  /** Room for {@code count} bytes more; {@link #grew} tells how many were used. */
  void ensure(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }

  /** {@code count} bytes were put into {@link #bytes} from {@link #length} on. */
  void grew(int count) {
    length += count;
  }
}
