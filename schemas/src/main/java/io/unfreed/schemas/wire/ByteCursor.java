package io.unfreed.schemas.wire;

import java.nio.charset.StandardCharsets;

/**
 * Reads Avro's binary primitives from a byte array, bounds-checked, nothing allocated but texts.
 * Rules: the Avro specification, "Binary encoding": zigzag variable-length numbers, texts and bytes
 * behind their length, arrays in blocks ended by a zero count. Not thread-safe; reusable.
 */
public final class ByteCursor {
  private static final int LARGEST_TEXT_BYTES = 1 << 20;
  private static final int UNKNOWN = -1;

  private byte[] buffer = new byte[0];
  private int position;
  private int limit;

  /** Where the current array block ends as announced. */
  private int blockEnd = UNKNOWN;

  /** Puts the cursor on {@code length} bytes from {@code offset}. */
  public void reset(byte[] bytes, int offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes.length - length) {
      throw new IllegalArgumentException(
          "range " + offset + "+" + length + " outside " + bytes.length + " bytes");
    }
    buffer = bytes;
    position = offset;
    limit = offset + length;
  }

  /** The array given to {@link #reset}. */
  byte[] buffer() {
    return buffer;
  }

  /** Index of the next byte in the array given to {@link #reset}. */
  public int position() {
    return position;
  }

  /** Bytes left. */
  public int remaining() {
    return limit - position;
  }

  /** Reads an Avro int or long. */
  public long readLong() throws MalformedBatchException {
    long raw = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position >= limit) {
        throw new MalformedBatchException("number cut off at byte " + position);
      }
      byte b = buffer[position++];
      raw |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new MalformedBatchException("number of over 10 bytes at byte " + position);
  }

  /** Reads an Avro int or a union index. */
  public int readInt() throws MalformedBatchException {
    long value = readLong();
    if (value != (int) value) {
      throw new MalformedBatchException("int out of range: " + value + " at byte " + position);
    }
    return (int) value;
  }

  /** Reads an Avro boolean. */
  public boolean readBoolean() throws MalformedBatchException {
    int at = take(1);
    return buffer[at] != 0;
  }

  /** Reads an Avro string. */
  public String readText() throws MalformedBatchException {
    return readText(LARGEST_TEXT_BYTES);
  }

  /** The same of at most so many bytes. */
  String readText(int mostBytes) throws MalformedBatchException {
    int length = boundedLength(mostBytes);
    return new String(buffer, take(length), length, StandardCharsets.UTF_8);
  }

  /** Reads a union of null and string. */
  public String readNullableText() throws MalformedBatchException {
    return readNullableText(LARGEST_TEXT_BYTES);
  }

  /** The same of at most so many bytes. */
  String readNullableText(int mostBytes) throws MalformedBatchException {
    return readBranch() ? readText(mostBytes) : null;
  }

  /** Reads a union of null and int. */
  public Integer readNullableInt() throws MalformedBatchException {
    return readBranch() ? Integer.valueOf(readInt()) : null;
  }

  /** Reads a union of null and long. */
  public Long readNullableLong() throws MalformedBatchException {
    return readBranch() ? Long.valueOf(readLong()) : null;
  }

  /** Steps over {@code length} bytes and returns where they began. */
  public int take(int length) throws MalformedBatchException {
    if (length < 0 || length > limit - position) {
      throw new MalformedBatchException(
          length + " bytes wanted at byte " + position + ", " + (limit - position) + " there");
    }
    int at = position;
    position += length;
    return at;
  }

  /**
   * Reads the head of an array block: its item count, 0 at the end of the array. The byte count
   * that a negative item count announces is compared by {@link #endBlock}.
   */
  public int readBlockCount(int itemLimit) throws MalformedBatchException {
    long count = readLong();
    blockEnd = UNKNOWN;
    if (count < 0) {
      count = -count;
      blockEnd = boundedLength(limit - position);
      blockEnd += position;
    }
    if (count < 0 || count > itemLimit) {
      throw new MalformedBatchException(
          "array block of " + count + " items at byte " + position + ", at most " + itemLimit);
    }
    return (int) count;
  }

  /** Behind the items of a block: refuses a byte count that was wrong. */
  void endBlock() throws MalformedBatchException {
    if (blockEnd != UNKNOWN && blockEnd != position) {
      throw new MalformedBatchException(
          "array block ends at byte " + position + ", announced was " + blockEnd);
    }
  }

  /** Steps over an array of numbers; blocks with a byte count are skipped in one step. */
  public void skipNumbers() throws MalformedBatchException {
    for (long count = readLong(); count != 0; count = readLong()) {
      if (count < 0) {
        take(boundedLength(limit - position));
      } else {
        for (long i = 0; i < count; i++) {
          readLong();
        }
      }
    }
  }

  /** Reads an Avro array of numbers into a fresh start of {@code column}. */
  void readNumbers(Numbers column, int itemLimit) throws MalformedBatchException {
    column.clear();
    for (int n = readBlockCount(itemLimit); n != 0; n = readBlockCount(itemLimit - column.size())) {
      position = column.decode(buffer, position, limit, n);
      endBlock();
    }
  }

  private boolean readBranch() throws MalformedBatchException {
    long branch = readLong();
    if (branch < 0 || branch > 1) {
      throw new MalformedBatchException("union branch " + branch + " at byte " + position);
    }
    return branch == 1;
  }

  private int boundedLength(int largest) throws MalformedBatchException {
    long length = readLong();
    if (length < 0 || length > largest) {
      throw new MalformedBatchException(
          "length " + length + " at byte " + position + ", at most " + largest);
    }
    return (int) length;
  }
}
