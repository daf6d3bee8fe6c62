package io.unfreed.collector.importer;

import io.unfreed.collector.capture.PackedFile;
import io.unfreed.collector.capture.RecordingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads and unpacks a file on a thread of its own and hands it out as chunks of whole lines. What
 * stands behind the last line feed is told apart, as a cut line. A line longer than a chunk is cut
 * and marked with a NUL byte, which no format has, so that it is found malformed.
 */
final class LineChunks implements AutoCloseable {
  /** A chunk holds this many bytes, and so does the longest line. */
  static final int CHUNK_BYTES = 1 << 20;

  private static final int CHUNKS = 4;
  private static final byte LINE_FEED = '\n';

  private final InputStream in;
  private final long byteLimit;
  private final BlockingQueue<LineChunk> free = new ArrayBlockingQueue<>(CHUNKS + 1);
  private final BlockingQueue<LineChunk> ready = new ArrayBlockingQueue<>(CHUNKS + 1);
  private final LineChunk last = new LineChunk(0);
  private final Thread thread;

  private volatile Throwable crash;
  private String failure;
  private byte[] tail = new byte[0];
  private long bytesRead;
  private int chunks;

  /**
   * Starts to read.
   *
   * @param byteLimit unpacked bytes after which the file counts as ended
   */
  LineChunks(Path file, long byteLimit) throws RecordingException {
    this.byteLimit = byteLimit;
    in = PackedFile.open(file);
    thread = Thread.ofPlatform().name("recording-reader").daemon().unstarted(this::run);
    thread.start();
  }

  /** The next chunk, null at the end; {@code done} is the chunk given before, or null. */
  LineChunk next(LineChunk done) throws IOException {
    if (done != null) {
      free.add(done);
    }
    try {
      LineChunk chunk = ready.take();
      if (chunk != last) {
        return chunk;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading", e);
    }
    ready.add(last);
    if (crash != null) {
      throw new IllegalStateException("the reading thread failed", crash);
    }
    return null;
  }

  /** What ended the file too early, null for an ordinary end. Known once nothing follows. */
  String failure() {
    return failure;
  }

  /** What stands behind the last line feed. Known once nothing follows. */
  byte[] tail() {
    return tail;
  }

  /** Unpacked bytes read, the tail included. Known once nothing follows. */
  long bytesRead() {
    return bytesRead;
  }

  private void run() {
    try {
      copy();
    } catch (InterruptedException e) {
      failure = "interrupted";
    } catch (RuntimeException | OutOfMemoryError e) {
      crash = e;
    } finally {
      ready.add(last);
    }
  }

  private void copy() throws InterruptedException {
    LineChunk chunk = takeFree();
    int carried = 0;
    boolean insideLongLine = false;
    for (boolean more = true; more; ) {
      byte[] bytes = chunk.bytes();
      int length = fill(bytes, carried);
      more = length == bytes.length;
      int from = insideLongLine ? behindFirstLineFeed(bytes, length) : 0;
      if (insideLongLine && from == 0 && more) {
        carried = 0;
        continue;
      }
      int end = behindLastLineFeed(bytes, length);
      insideLongLine = end == 0 && more;
      if (insideLongLine) {
        bytes[length - 2] = 0;
        bytes[length - 1] = LINE_FEED;
        end = length;
      }
      int lines = Math.max(end, from);
      carried = length - lines;
      if (more) {
        LineChunk next = takeFree();
        System.arraycopy(bytes, lines, next.bytes(), 0, carried);
        publish(chunk, from, lines);
        chunk = next;
      } else {
        tail = Arrays.copyOfRange(bytes, lines, length);
        publish(chunk, from, lines);
      }
    }
  }

  private void publish(LineChunk chunk, int from, int to) {
    if (from > 0) {
      System.arraycopy(chunk.bytes(), from, chunk.bytes(), 0, to - from);
    }
    chunk.length(to - from);
    ready.add(chunk);
  }

  private LineChunk takeFree() throws InterruptedException {
    LineChunk chunk = free.poll();
    if (chunk != null) {
      return chunk;
    }
    return chunks++ < CHUNKS ? new LineChunk(CHUNK_BYTES) : free.take();
  }

  /** Reads until the array is full or the file ends; a failure is kept and counts as the end. */
  private int fill(byte[] bytes, int from) {
    int length = from;
    try {
      while (length < bytes.length && bytesRead < byteLimit) {
        int wanted = (int) Math.min(bytes.length - length, byteLimit - bytesRead);
        int count = in.read(bytes, length, wanted);
        if (count < 0) {
          break;
        }
        length += count;
        bytesRead += count;
      }
    } catch (IOException e) {
      failure = RecordingException.reason(e);
    }
    return length;
  }

  private static int behindLastLineFeed(byte[] bytes, int length) {
    for (int i = length; i > 0; i--) {
      if (bytes[i - 1] == LINE_FEED) {
        return i;
      }
    }
    return 0;
  }

  private static int behindFirstLineFeed(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == LINE_FEED) {
        return i + 1;
      }
    }
    return 0;
  }

  @Override
  public void close() throws IOException {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    in.close();
  }
}
