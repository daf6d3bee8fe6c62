package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * First in, first out: some megabytes in memory, the rest in a bounded file that is made when it is
 * needed. Memory is used again only when the file is empty, which keeps the order. Thread-safe.
 */
final class OutgoingQueue implements AutoCloseable {
  private static final long MEMORY_BYTES = 8 << 20;

  /** What full batches leave for the small records that end lanes and name stacks. */
  private static final long SPARE_BYTES = 1 << 20;

  private static final int SMALL_BYTES = 16 << 10;

  private final Path directory;
  private final long capacityBytes;
  private final Deque<Outgoing> memory = new ArrayDeque<>();
  private SpoolFile spool;
  private long memoryBytes;
  private IOException spoolFailure;
  private boolean closed;

  OutgoingQueue(Path directory, long capacityBytes) {
    this.directory = directory;
    this.capacityBytes = capacityBytes;
  }

  /** Adds a record; false when there is no room for it. */
  synchronized boolean offer(Outgoing record) {
    boolean inMemory = spool == null || spool.usedBytes() == 0;
    if (inMemory && (memory.isEmpty() || memoryBytes + record.bytes() <= MEMORY_BYTES)) {
      memory.add(record);
      memoryBytes += record.bytes();
      notifyAll();
      return true;
    }
    try {
      if (spool == null) {
        spool = SpoolFile.create(directory, capacityBytes);
      }
      long spare = record.bytes() <= SMALL_BYTES ? 0 : Math.min(SPARE_BYTES, capacityBytes / 8);
      boolean taken = spool.offer(record.toBytes(), spare);
      notifyAll();
      return taken;
    } catch (IOException e) {
      spoolFailure = e;
      return false;
    }
  }

  /** The oldest record; waits for one, and is empty when the queue has closed and is empty. */
  synchronized Optional<Outgoing> take() throws InterruptedException, IOException {
    while (true) {
      Outgoing record = memory.poll();
      if (record != null) {
        memoryBytes -= record.bytes();
        return Optional.of(record);
      }
      Optional<byte[]> spooled = spool == null ? Optional.empty() : spool.poll();
      if (spooled.isPresent()) {
        return spooled.map(Outgoing::of);
      }
      if (closed) {
        return Optional.empty();
      }
      wait();
    }
  }

  /** Bytes that wait on disk. */
  synchronized long spooledBytes() {
    return spool == null ? 0 : spool.usedBytes();
  }

  /** Why the file could not be used; null while it could. */
  synchronized IOException spoolFailure() {
    return spoolFailure;
  }

  /** Nothing more is added. */
  synchronized void end() {
    closed = true;
    notifyAll();
  }

  @Override
  public synchronized void close() throws IOException {
    end();
    if (spool != null) {
      spool.close();
    }
  }
}
