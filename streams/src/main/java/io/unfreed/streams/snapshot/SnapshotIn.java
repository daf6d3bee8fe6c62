package io.unfreed.streams.snapshot;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;

/** Reads what a {@link SnapshotOut} wrote, in the same order. Not thread-safe. */
public final class SnapshotIn {
  private static final int LARGEST_ARRAY = 1 << 28;

  private final Iterator<byte[]> pieces;
  private final byte[] page = new byte[SnapshotOut.PIECE_BYTES];
  private int position;
  private int limit;

  /** Reads from the first of the pieces on. */
  public SnapshotIn(List<byte[]> pieces) {
    this.pieces = pieces.iterator();
  }

  /** Reads a number. */
  public long getLong() {
    if (position == limit) {
      nextPiece();
    }
    long raw = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position == limit) {
        throw new UnreadableSnapshotException("a number is cut off");
      }
      byte b = page[position++];
      raw |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new UnreadableSnapshotException("a number has over 10 bytes");
  }

  /** Reads a number that fits an int. */
  public int getInt() {
    long value = getLong();
    if (value != (int) value) {
      throw new UnreadableSnapshotException(value + " is no int");
    }
    return (int) value;
  }

  /** Reads how many of something follow. */
  public int getCount() {
    int count = getInt();
    if (count < 0 || count > LARGEST_ARRAY) {
      throw new UnreadableSnapshotException(count + " is no count");
    }
    return count;
  }

  /** Reads yes or no. */
  public boolean getBoolean() {
    return getLong() != 0;
  }

  /** Fills the first {@code count} numbers of a column. */
  public void get(int[] column, int count) {
    for (int i = 0; i < count; i++) {
      column[i] = getInt();
    }
  }

  /** Fills the first {@code count} numbers of a column. */
  public void get(long[] column, int count) {
    for (int i = 0; i < count; i++) {
      column[i] = getLong();
    }
  }

  /** Reads a column with its length in front. */
  public long[] getAll() {
    long[] column = new long[getCount()];
    get(column, column.length);
    return column;
  }

  /** Reads bytes. */
  public byte[] getBytes() {
    byte[] bytes = new byte[getCount()];
    for (int from = 0; from < bytes.length; ) {
      if (position == limit) {
        nextPiece();
      }
      int part = Math.min(bytes.length - from, limit - position);
      System.arraycopy(page, position, bytes, from, part);
      position += part;
      from += part;
    }
    return bytes;
  }

  /** Reads a text. */
  public String getText() {
    return new String(getBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Reads the version that a part put in front of itself.
   *
   * @param newest the newest version that the part can read; 1 is the first
   */
  public int getVersion(int newest, String part) {
    int version = getInt();
    if (version < 1 || version > newest) {
      throw new UnreadableSnapshotException(
          "version " + version + " of the " + part + " is not known here");
    }
    return version;
  }

  private void nextPiece() {
    if (!pieces.hasNext()) {
      throw new UnreadableSnapshotException("it ends early");
    }
    byte[] piece = pieces.next();
    try {
      limit = (int) Zstd.decompressByteArray(page, 0, page.length, piece, 0, piece.length);
    } catch (ZstdException e) {
      throw new UnreadableSnapshotException("a piece of it is no zstd frame", e);
    }
    if (limit == 0) {
      throw new UnreadableSnapshotException("a piece of it is empty");
    }
    position = 0;
  }
}
