package io.unfreed.schemas.wire;

import java.util.Arrays;

/** A growing array of Avro-encoded bytes with a count of the items in it. Not thread-safe. */
final class ByteColumn {
  private static final int LONGEST_LONG = 10;

  private byte[] bytes = new byte[4096];
  private int length;
  private int items;

  void clear() {
    length = 0;
    items = 0;
  }

  int length() {
    return length;
  }

  /** Appends one zigzag variable-length item. */
  void addItem(long value) {
    putLong(value);
    items++;
  }

  /** Appends one text item. */
  void addTextItem(byte[] utf8) {
    putLong(utf8.length);
    putBytes(utf8, 0, utf8.length);
    items++;
  }

  /** Room for one item of fixed size; returns the array's index of its first byte. */
  int reserveItem(int size) {
    ensure(size);
    int at = length;
    length += size;
    items++;
    return at;
  }

  byte[] array() {
    return bytes;
  }

  void putLong(long value) {
    if (bytes.length - length < LONGEST_LONG) {
      ensure(LONGEST_LONG);
    }
    byte[] to = bytes; // fields are read again for each byte where only the first compiler works
    int at = length;
    long raw = (value << 1) ^ (value >> 63);
    while ((raw & ~0x7FL) != 0) {
      to[at++] = (byte) (raw | 0x80);
      raw >>>= 7;
    }
    to[at] = (byte) raw;
    length = at + 1;
  }

  void putBoolean(boolean value) {
    ensure(1);
    bytes[length++] = (byte) (value ? 1 : 0);
  }

  void putBytes(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  void putText(String text) {
    byte[] utf8 = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    putLong(utf8.length);
    putBytes(utf8, 0, utf8.length);
  }

  /** Appends {@code column} as an Avro array of one block with a byte count. */
  void putArray(ByteColumn column) {
    if (column.items > 0) {
      putLong(-(long) column.items);
      putLong(column.length);
      putBytes(column.bytes, 0, column.length);
    }
    putLong(0);
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
