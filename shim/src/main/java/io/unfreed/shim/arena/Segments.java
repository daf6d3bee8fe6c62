package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.shim.NativeSide;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Rings of full size that a thread goes on in when its own is full, so that it need not wait for a
 * collector that falls behind for a while, as a cold one does. A few are kept to be had, on a
 * thread of its own: it works when the collector is busy. What has been read is had again; what
 * nobody needed for a second goes back to the kernel: it would clear it for the next who does, and
 * the writer would fault it in, page by page.
 */
final class Segments implements AutoCloseable {
  /** Before the first was used, and since then. A thread fills one in 13 ms at its fastest. */
  private static final int FIRST_SPARE = 2;

  private static final int SPARE = 6;

  /** A reader is called when so much of the memory has not been read. */
  private static final double CALLS = 0.25;

  private static final long LONGEST_WAIT_NANOS = 1_000_000_000L;
  private static final int MOST_RECORDS = (int) (ArenaLayout.RING_BYTES / ArenaLayout.RECORD_BYTES);

  private final NativeSide machine;
  private final int fd;
  private final MemorySegment memory;
  private final Thread keeper;

  /** By segment: whether it has memory. What stands in the arena may have been written over. */
  private final byte[] backed = new byte[ArenaLayout.SEGMENTS];

  private static final VarHandle BACKED =
      java.lang.invoke.MethodHandles.arrayElementVarHandle(byte[].class);

  private int most;
  private boolean used;
  private volatile int granted;
  private volatile double unread;
  private volatile boolean closed;

  /** Read and not to be had: the fewest of them since then. */
  private int leastIdle = Integer.MAX_VALUE;

  private long leastSinceNanos = System.nanoTime();

  /**
   * Has memory behind the first ones when this returns, if there is any.
   *
   * @param bytes that all of them may have at a time
   */
  Segments(NativeSide machine, int fd, MemorySegment memory, long bytes) {
    this.machine = machine;
    this.fd = fd;
    this.memory = memory;
    this.most = Math.clamp(bytes / ArenaLayout.RING_BYTES, 0, ArenaLayout.SEGMENTS);
    keep();
    this.keeper = Thread.ofPlatform().daemon().name("unfreed-rings").start(this::run);
  }

  /** How many there have been at most: those behind them were never to be had. */
  int granted() {
    return granted;
  }

  /** How much of the memory waits to be read: 0 to 1, which means that there is no more. */
  double unread() {
    return unread;
  }

  boolean isBacked(int segment) {
    return (byte) BACKED.getVolatile(backed, segment) != 0;
  }

  /** Has been read, or its writer is gone; the reader's thread. */
  void release(int segment) {
    long descriptor = descriptor(segment);
    memory.asSlice(descriptor + 8, ArenaLayout.RING_DESCRIPTOR_BYTES - 8).fill((byte) 0);
    SharedArena.INT.setRelease(memory, descriptor, ArenaLayout.IDLE);
    ring(ArenaLayout.HEADER_SEGMENT_BELL);
  }

  private void run() {
    try {
      while (!closed) {
        int bell = (int) SharedArena.INT.getAcquire(memory, ArenaLayout.HEADER_SEGMENT_BELL);
        keep();
        machine.await(
            memory.asSlice(ArenaLayout.HEADER_SEGMENT_BELL, Integer.BYTES),
            bell,
            LONGEST_WAIT_NANOS);
      }
    } catch (InternalError cut) {
      unread = 1; // Somebody has cut the file; its reader tells.
    }
  }

  private void keep() {
    int free = 0;
    int count = 0;
    for (int i = 0; i < granted; i++) {
      free += state(i) == ArenaLayout.GRANTED ? 1 : 0;
      count += isBacked(i) ? 1 : 0;
    }
    used |= count > free;
    int wanted = used ? SPARE : FIRST_SPARE;
    int before = free;
    int idle = 0;
    for (int i = 0; i < granted; i++) {
      if (isIdle(i)) {
        if (free < wanted) {
          grant(i);
          free++;
        } else {
          idle++;
        }
      }
    }
    count -= giveUpUnneeded(idle);
    for (int i = 0; free < wanted && count < most; i++) {
      if (!isBacked(i)) {
        if (!machine.allocate(fd, records(i), ArenaLayout.RING_BYTES)) {
          // What there is must do: tables and stacks need memory, too.
          most = count;
          break;
        }
        BACKED.setVolatile(backed, i, (byte) 1);
        grant(i);
        free++;
        count++;
      }
    }
    if (free > before) {
      wakeWaiting(free - before);
    }
    SharedArena.INT.setRelease(memory, ArenaLayout.HEADER_SEGMENTS_FREE, free);
    judge(free > 0 || count < most);
  }

  private void judge(boolean more) {
    int full = 0;
    for (int i = 0; i < granted; i++) {
      full += state(i) == ArenaLayout.RELEASED ? 1 : 0;
    }
    double now = more ? (double) full / most : 1;
    boolean calls = now >= CALLS && unread < CALLS;
    unread = now;
    if (calls) {
      ring(ArenaLayout.HEADER_DOORBELL);
    }
  }

  private void grant(int segment) {
    long descriptor = descriptor(segment);
    memory.set(JAVA_LONG, descriptor + ArenaLayout.RING_GRANTED, (long) MOST_RECORDS);
    SharedArena.INT.setRelease(memory, descriptor, ArenaLayout.GRANTED);
    if (segment >= granted) {
      granted = segment + 1;
      SharedArena.LONG.setRelease(
          memory,
          ArenaLayout.HEADER_GRANTED + (long) ArenaLayout.TABLE_SEGMENTS * Long.BYTES,
          (long) granted);
    }
  }

  /** Returns how many. */
  private int giveUpUnneeded(int idle) {
    leastIdle = Math.min(leastIdle, idle);
    long now = System.nanoTime();
    if (now - leastSinceNanos < LONGEST_WAIT_NANOS) {
      return 0;
    }
    int gone = 0;
    for (int i = granted - 1; i >= 0 && gone < leastIdle; i--) {
      if (isIdle(i)) {
        giveUp(i);
        gone++;
      }
    }
    leastIdle = idle - gone;
    leastSinceNanos = now;
    return gone;
  }

  private boolean isIdle(int segment) {
    return state(segment) == ArenaLayout.IDLE && isBacked(segment);
  }

  private void giveUp(int segment) {
    SharedArena.INT.setRelease(memory, descriptor(segment), 0);
    BACKED.setVolatile(backed, segment, (byte) 0);
    machine.discard(fd, records(segment), ArenaLayout.RING_BYTES);
  }

  /** Threads that wait for their ring to be read may go on in one of these. */
  private void wakeWaiting(int most) {
    int left = most;
    long rings =
        Math.clamp(
            (long)
                SharedArena.LONG.getAcquire(
                    memory,
                    ArenaLayout.HEADER_GRANTED + ArenaTable.RINGS.ordinal() * (long) Long.BYTES),
            0,
            ArenaLayout.RINGS);
    for (int i = 0; i < rings && left > 0; i++) {
      left -= wake(ArenaLayout.ring(i));
    }
    for (int i = 0; i < granted && left > 0; i++) {
      left -= wake(descriptor(i));
    }
  }

  private int wake(long descriptor) {
    if ((int) SharedArena.INT.getVolatile(memory, descriptor + ArenaLayout.RING_WAITING) == 0) {
      return 0;
    }
    ring(descriptor + ArenaLayout.RING_WAKE);
    return 1;
  }

  private int state(int segment) {
    return (int) SharedArena.INT.getAcquire(memory, descriptor(segment));
  }

  private static long descriptor(int segment) {
    return ArenaLayout.ring(ArenaLayout.RINGS + segment);
  }

  private static long records(int segment) {
    return ArenaLayout.records(ArenaLayout.RINGS + segment);
  }

  private void ring(long bell) {
    SharedArena.INT.getAndAdd(memory, bell, 1);
    machine.wake(memory.asSlice(bell, Integer.BYTES));
  }

  /** Nothing of the arena is touched any more when this returns. */
  @Override
  public void close() {
    closed = true;
    try {
      ring(ArenaLayout.HEADER_SEGMENT_BELL);
    } catch (InternalError cut) {
      // It has ended, or does within a second.
    }
    boolean interrupted = false;
    while (keeper.isAlive()) {
      try {
        keeper.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
