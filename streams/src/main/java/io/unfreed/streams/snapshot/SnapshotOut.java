package io.unfreed.streams.snapshot;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes numbers and makes compressed pieces of them. Columns of like numbers should be written one
 * behind the other: they compress best. Not thread-safe.
 *
 * <pre>
 *   piece   one zstd frame of at most {@link #PIECE_BYTES} bytes before compression
 *   number  zigzag, 7 bits to a byte, lowest first; never in two pieces
 *   bytes   length as a number, then the bytes, in as many pieces as it takes
 * </pre>
 */
public final class SnapshotOut {
  /** Bytes of a piece before compression: half of what a record of a topic may have by default. */
  static final int PIECE_BYTES = 500 << 10;

  private static final int LARGEST_NUMBER = 10;
  private static final int LEVEL = 1;

  private final byte[] page = new byte[PIECE_BYTES];
  private final byte[] packed = new byte[(int) Zstd.compressBound(PIECE_BYTES)];
  private final List<byte[]> pieces = new ArrayList<>();
  private int used;

  /** Writes a number. */
  public void put(long value) {
    if (PIECE_BYTES - used < LARGEST_NUMBER) {
      endPiece();
    }
    long raw = (value << 1) ^ (value >> 63);
    int at = used;
    while ((raw & ~0x7FL) != 0) {
      page[at++] = (byte) (raw | 0x80);
      raw >>>= 7;
    }
    page[at++] = (byte) raw;
    used = at;
  }

  /** Writes yes or no. */
  public void put(boolean value) {
    put(value ? 1 : 0);
  }

  /** Writes the first {@code count} numbers of a column. */
  public void put(int[] column, int count) {
    for (int i = 0; i < count; i++) {
      put(column[i]);
    }
  }

  /** Writes the first {@code count} numbers of a column. */
  public void put(long[] column, int count) {
    for (int i = 0; i < count; i++) {
      put(column[i]);
    }
  }

  /** Writes how many there are, and then all. */
  public void putAll(long[] column) {
    put(column.length);
    put(column, column.length);
  }

  /** Writes bytes. */
  public void put(byte[] bytes) {
    put(bytes.length);
    for (int from = 0; from < bytes.length; ) {
      if (used == PIECE_BYTES) {
        endPiece();
      }
      int part = Math.min(bytes.length - from, PIECE_BYTES - used);
      System.arraycopy(bytes, from, page, used, part);
      used += part;
      from += part;
    }
  }

  /** Writes a text. */
  public void put(String text) {
    put(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Everything written, in pieces; nothing can be written behind it. */
  public List<byte[]> finish() {
    if (used > 0) {
      endPiece();
    }
    return List.copyOf(pieces);
  }

  private void endPiece() {
    long length = Zstd.compressByteArray(packed, 0, packed.length, page, 0, used, LEVEL);
    pieces.add(Arrays.copyOf(packed, (int) length));
    used = 0;
  }
}
