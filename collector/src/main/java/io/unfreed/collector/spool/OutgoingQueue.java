package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * First in, first out, from the recording to the broker's acknowledgement. Every record is in a
 * bounded file until it is acknowledged, so that a recorder's death loses none; some megabytes of
 * those that are not taken yet are in memory too. Where no file can be used memory is all there is.
 * Thread-safe.
 */
final class OutgoingQueue implements AutoCloseable {
  private static final long MEMORY_BYTES = 8 << 20;

  /** What full batches leave for the small records that end lanes and name stacks. */
  private static final long SPARE_BYTES = 1 << 20;

  private static final int SMALL_BYTES = 16 << 10;
  private static final long NOT_SPOOLED = -1;

  /** A record on its way, and where the one after it begins in the file. */
  static final class Ticket {
    final Outgoing record;
    private final long end;
    private boolean delivered;

    private Ticket(Outgoing record, long end) {
      this.record = record;
      this.end = end;
    }
  }

  private final Path directory;
  private final long capacityBytes;
  private final String clusterId;
  private final int partitions;
  private final Deque<Ticket> memory = new ArrayDeque<>();
  private final Deque<Ticket> taken = new ArrayDeque<>();
  private SpoolFile spool;
  private long memoryBytes;

  /** In the file: the next record that is in no ticket. */
  private long unread;

  private IOException spoolFailure;
  private boolean closed;

  OutgoingQueue(Path directory, long capacityBytes, String clusterId, int partitions) {
    this.directory = directory;
    this.capacityBytes = capacityBytes;
    this.clusterId = clusterId;
    this.partitions = partitions;
  }

  /** Adds a record; false when there is no room for it. */
  synchronized boolean offer(Outgoing record) {
    boolean allInMemory = spool == null || unread == spool.tail();
    boolean fits = memory.isEmpty() || memoryBytes + record.bytes() <= MEMORY_BYTES;
    long end;
    try {
      if (spool == null && spoolFailure == null) {
        spool = SpoolFile.create(directory, capacityBytes, clusterId, partitions);
      }
      long spare = record.bytes() <= SMALL_BYTES ? 0 : Math.min(SPARE_BYTES, capacityBytes / 8);
      if (spool != null && !spool.append(record.toBytes(), spare)) {
        return false;
      }
      end = spool == null ? NOT_SPOOLED : spool.tail();
    } catch (IOException e) {
      spoolFailure = e;
      end = NOT_SPOOLED;
    }
    if (allInMemory && fits) {
      memory.add(new Ticket(record, end));
      memoryBytes += record.bytes();
      unread = end == NOT_SPOOLED ? unread : end;
    } else if (end == NOT_SPOOLED) {
      return false;
    }
    notifyAll();
    return true;
  }

  /** The oldest record; waits for one, and is empty when the queue has closed and is empty. */
  synchronized Optional<Ticket> take() throws InterruptedException, IOException {
    while (true) {
      Ticket next = memory.poll();
      if (next != null) {
        memoryBytes -= next.record.bytes();
      } else if (spool != null && unread < spool.tail()) {
        byte[] bytes = spool.read(unread);
        unread = SpoolFile.after(unread, bytes);
        next = new Ticket(Outgoing.of(bytes), unread);
      }
      if (next != null) {
        taken.add(next);
        return Optional.of(next);
      }
      if (closed) {
        return Optional.empty();
      }
      wait();
    }
  }

  /** The broker has it; the file is given back up to the first record that it has not. */
  synchronized void delivered(Ticket ticket) {
    ticket.delivered = true;
    long end = NOT_SPOOLED;
    while (!taken.isEmpty() && taken.peek().delivered) {
      end = Math.max(end, taken.poll().end);
    }
    if (end == NOT_SPOOLED || spool == null) {
      return;
    }
    try {
      spool.release(end);
      if (spool.tail() == 0) {
        unread = 0;
      }
    } catch (IOException e) {
      spoolFailure = e; // it will be delivered twice at worst, which readers see by its sequence
    }
  }

  /** Bytes that have not been acknowledged, in the file. */
  synchronized long spooledBytes() {
    return spool == null ? 0 : spool.usedBytes();
  }

  /** Where they are; null when there are none. */
  synchronized Path spoolPath() {
    return spooledBytes() == 0 ? null : spool.path();
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

  /** The file stays while it holds what has not been acknowledged. */
  @Override
  public synchronized void close() throws IOException {
    end();
    if (spool != null) {
      if (spool.usedBytes() == 0) {
        spool.delete();
      }
      spool.close();
    }
  }
}
