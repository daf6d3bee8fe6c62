package io.unfreed.streams.history;

import java.util.ArrayList;
import java.util.List;

/** Numbers of seven bits a byte, in pieces: it grows without being copied. Not thread-safe. */
final class VarintLog {
  private static final int PIECE_BYTES = 1 << 16;
  private static final int MORE = 0x80;
  private static final int LOW = 0x7F;
  private static final int BITS = 7;

  private final List<byte[]> pieces = new ArrayList<>();
  private byte[] piece;
  private int used = PIECE_BYTES;

  /** Appends a number; a negative one takes ten bytes. */
  void put(long number) {
    long rest = number;
    while ((rest & ~(long) LOW) != 0) {
      append((byte) (rest & LOW | MORE));
      rest >>>= BITS;
    }
    append((byte) rest);
  }

  /** Appends a number that is as often below 0 as above. */
  void putSigned(long number) {
    put((number << 1) ^ (number >> (Long.SIZE - 1)));
  }

  private void append(byte value) {
    if (used == PIECE_BYTES) {
      piece = new byte[PIECE_BYTES];
      pieces.add(piece);
      used = 0;
    }
    piece[used++] = value;
  }

  Reader reader() {
    return new Reader();
  }

  /** One pass over what is there. */
  final class Reader {
    private int next;
    private int at;

    boolean hasNext() {
      return next < pieces.size() - 1 || (next == pieces.size() - 1 && at < used);
    }

    long get() {
      long number = 0;
      for (int shift = 0; ; shift += BITS) {
        byte value = read();
        number |= (long) (value & LOW) << shift;
        if (value >= 0) {
          return number;
        }
      }
    }

    long getSigned() {
      long number = get();
      return (number >>> 1) ^ -(number & 1);
    }

    private byte read() {
      byte value = pieces.get(next)[at++];
      if (at == PIECE_BYTES) {
        next++;
        at = 0;
      }
      return value;
    }
  }
}
