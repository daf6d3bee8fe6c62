package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * One ring. Its writer may have put anything into it: positions and capacity are checked against
 * what was granted, times never step back or into the future.
 */
final class RingReader {
  /** Room is given back after so many records, and at the end of a turn. */
  private static final long GIVE_MASK = 1023;

  private static final long LATEST_STAMP = Long.MAX_VALUE >>> 2;

  /** Whoever tells more must not make sums overflow. */
  private static final long MOST_DROPPED = Long.MAX_VALUE >>> 16;

  private static final int WINDOW_RECORDS = 64;
  private static final int RECORD_WORDS = (int) (ArenaLayout.RECORD_BYTES / Long.BYTES);
  private static final int STAMP_WORD = (int) (ArenaLayout.RECORD_STAMP / Long.BYTES);
  private static final int ADDRESS_WORD = (int) (ArenaLayout.RECORD_ADDRESS / Long.BYTES);
  private static final int SIZE_WORD = (int) (ArenaLayout.RECORD_SIZE / Long.BYTES);
  private static final int STACK_WORD = (int) (ArenaLayout.RECORD_STACK / Long.BYTES);

  private final SharedArena arena;
  private final MemorySegment memory;
  private final long descriptor;
  private final long records;
  final int index;
  final int tid;

  private final long[] window = new long[WINDOW_RECORDS * RECORD_WORDS];
  private long windowStart;
  private long windowEnd;

  /** Position of the next record, and of the first one that is not there yet. */
  private long tail;

  private long head;
  private long base;
  private long mask;
  private long newestStamp;
  private long toldDropped;

  /** What was in it when it broke, as it said, and nobody has been told yet. */
  private long lostByBreaking;

  private long takenAtLook;

  /** The clock of the last turn in which nothing was pending. */
  private long clearStamp;

  /** Of the next record: its stamp times 2, and 1 unless it releases; the order of merging. */
  long key;

  /** Its writer has left it, or is gone: empty means over. */
  boolean released;

  /** It contradicts itself: nothing more is read of it. */
  private boolean broken;

  RingReader(SharedArena arena, int index) {
    this.arena = arena;
    this.memory = arena.memory();
    this.index = index;
    this.descriptor = ArenaLayout.ring(index);
    this.records = ArenaLayout.records(index);
    this.tid = memory.get(JAVA_INT, descriptor + ArenaLayout.RING_TID);
  }

  /**
   * No later record is stamped earlier than this; MAX_VALUE when none is being written. A writer
   * that was seen without a pending record, behind the barrier of that turn, stamps later than its
   * clock.
   */
  long pendingLimit(long nowStamp) {
    long pending =
        (long) SharedArena.LONG.getAcquire(memory, descriptor + ArenaLayout.RING_PENDING);
    if (pending == 0 || broken) {
      clearStamp = nowStamp;
      return Long.MAX_VALUE;
    }
    return Math.max(pending - 2, clearStamp);
  }

  /** Looks how far the writer has come; true when there is something to take. */
  boolean look() {
    if (broken) {
      return false;
    }
    long now = (long) SharedArena.LONG.getAcquire(memory, descriptor + ArenaLayout.RING_HEAD);
    if (now == tail) {
      head = now;
      return false;
    }
    long capacity = memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_CAPACITY);
    base = memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_BASE);
    if (now - tail < 0
        || now - tail > capacity
        || capacity > arena.ringRecords(index)
        || Long.bitCount(capacity) != 1) {
      broken = true;
      lostByBreaking = Math.clamp(now - tail, 1, SharedArena.MOST_RECORDS);
      head = tail;
      return false;
    }
    mask = capacity - 1;
    head = now;
    peek();
    return true;
  }

  boolean hasNext() {
    return tail != head;
  }

  /**
   * The next records, copied at once: cheaper than one by one, and nobody changes them any more.
   */
  private void fill() {
    long position = (tail - base) & mask;
    int count = (int) Math.min(Math.min(WINDOW_RECORDS, head - tail), mask + 1 - position);
    MemorySegment.copy(
        memory,
        JAVA_LONG,
        records + position * ArenaLayout.RECORD_BYTES,
        window,
        0,
        count * RECORD_WORDS);
    windowStart = tail;
    windowEnd = tail + count;
  }

  /** Where the next record begins in the window. */
  private int at() {
    return (int) (tail - windowStart) * RECORD_WORDS;
  }

  /** A stamp from the future waits for it; one without end for the end of its image. */
  private void peek() {
    if (tail == windowEnd) {
      fill();
    }
    int at = at();
    long stamp = Math.min(window[at + STAMP_WORD], LATEST_STAMP);
    if (stamp > newestStamp) {
      newestStamp = stamp;
    }
    int kind = kind(window[at + STACK_WORD]);
    boolean releases = kind == ArenaHandler.FREE || kind == ArenaHandler.INTENT;
    key = newestStamp << 1 | (releases ? 0 : 1);
  }

  /** Of the last word of a record, which begins with its stack. */
  private static byte kind(long word) {
    return (byte) (word >>> ((ArenaLayout.RECORD_KIND - ArenaLayout.RECORD_STACK) * Byte.SIZE));
  }

  private static byte space(long word) {
    return (byte) (word >>> ((ArenaLayout.RECORD_SPACE - ArenaLayout.RECORD_STACK) * Byte.SIZE));
  }

  /** Hands out the next record. */
  <L> void take(ArenaHandler<L> handler, L lane, StampClock clock, long nowStamp) {
    int at = at();
    long last = window[at + STACK_WORD];
    handler.event(
        lane,
        tid,
        clock.nanos(Math.min(newestStamp, nowStamp)),
        kind(last),
        space(last),
        window[at + ADDRESS_WORD],
        window[at + SIZE_WORD],
        (int) last);
    tail++;
    if ((tail & GIVE_MASK) == 0) {
      giveRoom();
    }
    if (tail != head) {
      peek();
    }
  }

  /** Gives the room of what was taken back, and more room to a writer that asked for it. */
  void giveBack() {
    long wanted = memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_WANTED);
    if (wanted > arena.ringRecords(index)) {
      arena.growRing(index, (int) Math.min(wanted, SharedArena.MOST_RECORDS));
    }
    giveRoom();
  }

  private void giveRoom() {
    arena.beat();
    SharedArena.LONG.setRelease(memory, descriptor + ArenaLayout.RING_TAIL, tail);
    SharedArena.INT.getAndAdd(memory, descriptor + ArenaLayout.RING_WAKE, 1);
    if ((int) SharedArena.INT.getVolatile(memory, descriptor + ArenaLayout.RING_WAITING) != 0) {
      arena.machine().wake(memory.asSlice(descriptor + ArenaLayout.RING_WAKE, Integer.BYTES));
    }
  }

  /** Events dropped since the last time; a broken ring has lost what it says it holds, once. */
  long newlyDropped() {
    long lost = lostByBreaking;
    lostByBreaking = 0;
    long dropped =
        (long) SharedArena.LONG.getAcquire(memory, descriptor + ArenaLayout.RING_DROPPED);
    if (dropped > toldDropped) {
      lost += Math.min(dropped - toldDropped, MOST_DROPPED);
      toldDropped = dropped;
    }
    return lost;
  }

  /** Nested calls that were no events, as its writer counts. */
  long nested() {
    return Math.max(0, memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_NESTED));
  }

  /** Times its writer waited for room. */
  long waits() {
    return Math.max(0, memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_WAITS));
  }

  boolean isBroken() {
    return broken;
  }

  /** Whether nothing was taken since the last look of this kind. */
  boolean isQuiet() {
    boolean quiet = tail == takenAtLook;
    takenAtLook = tail;
    return quiet;
  }
}
