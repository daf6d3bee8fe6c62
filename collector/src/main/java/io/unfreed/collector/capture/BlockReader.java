package io.unfreed.collector.capture;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;

/**
 * Reads the blocks of a container one after the other. A block that is cut, whose sync marker is
 * missing or that does not unpack is stepped over by looking for the next sync marker:
 *
 * <pre>
 *   block sync | bl?ck sync | block sync       the middle one is unusable, the third is delivered
 *   block sync | blo                           the rest is unusable
 * </pre>
 *
 * Not thread-safe.
 */
final class BlockReader implements AutoCloseable {
  private static final int LONGEST_NUMBER = 10;

  private final ByteWindow window;
  private final CaptureHeader header;
  private final DamageTally tally = new DamageTally();
  private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

  private int headLength;
  private long recordCount;
  private long byteCount;

  BlockReader(ByteWindow window, CaptureHeader header) {
    this.window = window;
    this.header = header;
  }

  /** What was unusable so far. */
  DamageTally tally() {
    return tally;
  }

  /** Offset behind the last byte looked at. */
  long offset() {
    return window.offset();
  }

  /** Unpacks the next whole block; false at the end of the file. */
  boolean next(Block block) {
    while (window.ensure(1)) {
      long start = window.offset();
      String problem = readFrame();
      if (problem != null) {
        resynchronise(start, problem);
        continue;
      }
      int length = (int) byteCount;
      String failure = unpack(block, start, length);
      window.skip(headLength + length + CaptureFormat.SYNC_BYTES);
      if (failure == null) {
        return true;
      }
      tally.add(start, window.offset() - start, failure);
    }
    if (window.failure() != null) {
      String what = "cannot be read further: " + RecordingException.reason(window.failure());
      tally.add(window.offset(), 0, what);
    }
    return false;
  }

  private String unpack(Block block, long start, int length) {
    block.begin(start, recordCount);
    try {
      header.codec().unpack(zstd, window.bytes(), window.position() + headLength, length, block);
      return null;
    } catch (IOException e) {
      return "a block does not unpack: " + RecordingException.reason(e);
    }
  }

  /** Reads counts and checks the marker behind the block; null when all is well. */
  private String readFrame() {
    window.ensure(2 * LONGEST_NUMBER);
    headLength = 0;
    recordCount = readLong();
    byteCount = readLong();
    if (headLength < 0) {
      return "the file ends inside a block";
    }
    if (recordCount < 0 || byteCount < 0 || byteCount > CaptureFormat.LARGEST_BLOCK_BYTES) {
      return "no block here";
    }
    if (!window.ensure(headLength + (int) byteCount + CaptureFormat.SYNC_BYTES)) {
      return "the file ends inside a block";
    }
    return isSync(window.position() + headLength + (int) byteCount)
        ? null
        : "a block without its sync marker";
  }

  private long readLong() {
    long raw = 0;
    for (int shift = 0; shift < 7 * LONGEST_NUMBER && headLength >= 0; shift += 7) {
      if (headLength >= window.remaining()) {
        headLength = -1;
        return -1;
      }
      byte b = window.bytes()[window.position() + headLength++];
      raw |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    return -1;
  }

  private boolean isSync(int at) {
    byte[] bytes = window.bytes();
    byte[] sync = header.sync();
    for (int i = 0; i < CaptureFormat.SYNC_BYTES; i++) {
      if (bytes[at + i] != sync[i]) {
        return false;
      }
    }
    return true;
  }

  /** Goes behind the next sync marker, or to the end of the file. */
  private void resynchronise(long start, String problem) {
    while (window.ensure(CaptureFormat.SYNC_BYTES)) {
      int last = window.limit() - CaptureFormat.SYNC_BYTES;
      for (int at = window.position(); at <= last; at++) {
        if (isSync(at)) {
          window.skip(at - window.position() + CaptureFormat.SYNC_BYTES);
          tally.add(start, window.offset() - start, problem);
          return;
        }
      }
      window.skip(last + 1 - window.position());
    }
    window.skip(window.remaining());
    tally.add(start, window.offset() - start, problem);
  }

  @Override
  public void close() {
    zstd.close();
  }
}
