package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A queue of byte strings in a file used in a circle: never longer than its capacity however long
 * it is in use. The file has no name once it is open, so nothing is left whatever way the process
 * ends; what a killed recorder had not published is lost with it. One thread at a time.
 */
final class SpoolFile implements AutoCloseable {
  private static final int LENGTH_BYTES = 4;

  private final FileChannel channel;
  private final long capacityBytes;

  /** Bytes ever read and ever written; their places in the file are these modulo its capacity. */
  private long head;

  private long tail;

  private SpoolFile(FileChannel channel, long capacityBytes) {
    this.channel = channel;
    this.capacityBytes = capacityBytes;
  }

  /** An empty queue, readable by its owner only. */
  static SpoolFile create(Path directory, long capacityBytes) throws IOException {
    Path file = Files.createTempFile(directory, "unfreed", ".spool"); // mode 0600
    try {
      return new SpoolFile(
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE), capacityBytes);
    } finally {
      Files.delete(file);
    }
  }

  /** Adds a string unless less than {@code spareBytes} would stay free. */
  boolean offer(byte[] bytes, long spareBytes) throws IOException {
    if (usedBytes() + LENGTH_BYTES + bytes.length + spareBytes > capacityBytes) {
      return false;
    }
    ByteBuffer entry = ByteBuffer.allocate(LENGTH_BYTES + bytes.length);
    entry.putInt(bytes.length).put(bytes).flip();
    int length = entry.remaining();
    write(entry, tail); // moves the tail only when all of it is there
    tail += length;
    return true;
  }

  /** The oldest string, which leaves the queue. */
  Optional<byte[]> poll() throws IOException {
    if (head == tail) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(read(head, LENGTH_BYTES)).getInt();
    byte[] bytes = read(head + LENGTH_BYTES, length);
    head += LENGTH_BYTES + length;
    return Optional.of(bytes);
  }

  long usedBytes() {
    return tail - head;
  }

  private void write(ByteBuffer bytes, long position) throws IOException {
    long at = position;
    int end = bytes.limit();
    while (bytes.hasRemaining()) {
      long place = at % capacityBytes;
      bytes.limit((int) Math.min(end, bytes.position() + capacityBytes - place));
      at += channel.write(bytes, place);
      bytes.limit(end);
    }
  }

  private byte[] read(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    long at = position;
    while (bytes.hasRemaining()) {
      long place = at % capacityBytes;
      bytes.limit((int) Math.min(length, bytes.position() + capacityBytes - place));
      int read = channel.read(bytes, place);
      if (read < 0) {
        throw new IOException("the spool file is shorter than it was");
      }
      at += read;
      bytes.limit(length);
    }
    return bytes.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
