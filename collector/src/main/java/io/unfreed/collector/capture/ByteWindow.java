package io.unfreed.collector.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The part of a stream that is looked at: bytes from {@link #position} to {@link #limit} of {@link
 * #bytes}. It grows only as bytes really arrive, whatever a corrupt length says. A failure of the
 * stream counts as its end and is kept. Not thread-safe.
 */
final class ByteWindow {
  private static final int FIRST_BYTES = 64 * 1024;

  private final InputStream in;
  private byte[] bytes = new byte[FIRST_BYTES];
  private long base;
  private int position;
  private int limit;
  private boolean ended;
  private IOException failure;

  ByteWindow(InputStream in) {
    this.in = in;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return position;
  }

  int limit() {
    return limit;
  }

  int remaining() {
    return limit - position;
  }

  /** Offset of {@link #position} in the stream. */
  long offset() {
    return base + position;
  }

  void skip(int count) {
    position += count;
  }

  /** Goes forward to an offset of the stream; what lies between is not looked at. */
  void goTo(long offset) {
    long ahead = offset - offset();
    if (ahead <= remaining()) {
      position += (int) Math.max(0, ahead);
      return;
    }
    try {
      in.skipNBytes(ahead - remaining());
    } catch (EOFException e) {
      ended = true; // it was longer before
    } catch (IOException e) {
      failure = e;
      ended = true;
    }
    base = offset;
    position = 0;
    limit = 0;
  }

  /** What ended the stream too early, null for an ordinary end. */
  IOException failure() {
    return failure;
  }

  /** True once {@code count} bytes are there from the position; false at the end of the stream. */
  boolean ensure(int count) {
    while (limit - position < count) {
      if (ended) {
        return false;
      }
      if (limit == bytes.length) {
        makeRoom();
      }
      read();
    }
    return true;
  }

  private void makeRoom() {
    if (position >= bytes.length / 2) {
      System.arraycopy(bytes, position, bytes, 0, limit - position);
      base += position;
      limit -= position;
      position = 0;
    } else {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
  }

  private void read() {
    try {
      int count = in.read(bytes, limit, bytes.length - limit);
      if (count < 0) {
        ended = true;
      } else {
        limit += count;
      }
    } catch (IOException e) {
      failure = e;
      ended = true;
    }
  }
}
