package io.unfreed.streams.ledger;

import java.util.Arrays;

/**
 * When the oldest outstanding block of each entry was allocated, at the cost of one comparison for
 * most events and without a walk over the blocks for most statements.
 *
 * <pre>
 *   an entry   | is known by                    | is looked at when a block comes or goes that was
 *   -----------+--------------------------------+------------------------------------------------
 *   empty      |                                | allocated at any time
 *   simple     | the time of its oldest block   | allocated then, or before
 *   in front   | its first births, all or some  | allocated up to the last of these; all: any time
 *   stale      | a walk over all blocks to come | never
 * </pre>
 *
 * An entry whose oldest block goes is stale; the next statement walks over the blocks and keeps so
 * many first births of stale entries that as many frees pay for the next walk. Not thread-safe.
 */
final class OldestBirths {
  private static final long EMPTY = Long.MAX_VALUE;
  private static final long STALE = Long.MIN_VALUE;
  private static final int LEAST_KEPT = 64;
  private static final int MOST_FOR_WALK = 4096;
  private static final int MOST_KEPT = 1 << 16;

  /** One birth of so many blocks is kept, of the table for the walk, or of the entry. */
  private static final int BLOCKS_PER_WALK = 64;

  private static final int BLOCKS_PER_KEPT = 16;

  private final StackCounters counters;

  /** By entry: blocks allocated then or before are looked at. */
  private long[] watched = {};

  private long[] oldest = {};
  private BirthFront[] fronts = {};

  /** By entry: so many births may be kept while all are. */
  private int[] rooms = {};

  private int[] stale = new int[4];
  private int staleCount;
  private long walks;

  OldestBirths(StackCounters counters) {
    this.counters = counters;
    ensure(counters.entries());
  }

  /** Makes room for entries 0 to {@code count - 1}. */
  void ensure(int count) {
    int known = watched.length;
    if (count > known) {
      int length = Math.max(count, known * 2);
      watched = Arrays.copyOf(watched, length);
      oldest = Arrays.copyOf(oldest, length);
      fronts = Arrays.copyOf(fronts, length);
      rooms = Arrays.copyOf(rooms, length);
      Arrays.fill(watched, known, length, EMPTY);
      Arrays.fill(oldest, known, length, EMPTY);
    }
  }

  /** A block of an entry is outstanding, and counted. */
  void opened(int entry, long timeNanos) {
    if (timeNanos <= watched[entry]) {
      lookAtOpened(entry, timeNanos);
    }
  }

  /** A block of an entry is outstanding no more, and no more counted. */
  void closed(int entry, long allocatedAt) {
    if (allocatedAt <= watched[entry]) {
      lookAtClosed(entry, allocatedAt);
    }
  }

  /** Nothing is outstanding any more. */
  void allClosed() {
    Arrays.fill(watched, EMPTY);
    Arrays.fill(oldest, EMPTY);
    Arrays.fill(fronts, null);
    staleCount = 0;
  }

  /** When the oldest block was allocated; null if there is none. Not for stale entries. */
  Long oldest(int entry) {
    if (fronts[entry] != null) {
      return fronts[entry].first();
    }
    return oldest[entry] == EMPTY ? null : (Long) oldest[entry];
  }

  /** Finds the oldest blocks of stale entries, if there are any. */
  void refresh(Accounts.BlockWalk blocks) {
    FirstBirths[] wanted = null;
    long outstanding = 0;
    for (int i = 0; i < staleCount; i++) {
      int entry = stale[i];
      if (counters.get(entry, StackCounters.OUTSTANDING_COUNT) == 0) {
        empty(entry);
      } else {
        if (wanted == null) {
          wanted = new FirstBirths[counters.entries()];
          outstanding = outstanding();
        }
        rooms[entry] = room(outstanding, counters.get(entry, StackCounters.OUTSTANDING_COUNT));
        wanted[entry] = new FirstBirths(rooms[entry]);
      }
    }
    if (wanted != null) {
      FirstBirths[] of = wanted;
      walks++;
      blocks.forEach((entry, time, size, left) -> {
        if (of[entry] != null) {
          of[entry].add(time);
        }
      });
      for (int i = 0; i < staleCount; i++) {
        if (of[stale[i]] != null) {
          found(stale[i], of[stale[i]]);
        }
      }
    }
    staleCount = 0;
  }

  /** The counters are those of another ledger: of no entry the oldest block is known. */
  void restored() {
    ensure(counters.entries());
    for (int entry = 0; entry < counters.entries(); entry++) {
      if (counters.get(entry, StackCounters.OUTSTANDING_COUNT) > 0) {
        becomeStale(entry);
      }
    }
  }

  /** How often {@link #refresh} had to walk over all blocks. */
  long walks() {
    return walks;
  }

  private static int room(long outstanding, long ofEntry) {
    long forWalk = Math.min(MOST_FOR_WALK, outstanding / BLOCKS_PER_WALK);
    long forEntry = Math.min(MOST_KEPT, ofEntry / BLOCKS_PER_KEPT);
    return (int) Math.max(LEAST_KEPT, Math.max(forWalk, forEntry));
  }

  private long outstanding() {
    long count = 0;
    for (int entry = 0; entry < counters.entries(); entry++) {
      count += counters.get(entry, StackCounters.OUTSTANDING_COUNT);
    }
    return count;
  }

  private void found(int entry, FirstBirths births) {
    BirthFront front = births.front();
    if (front.isEmpty()) {
      oldest[entry] = births.least();
      watched[entry] = births.least();
    } else {
      fronts[entry] = front;
      watched[entry] = births.end() == Long.MAX_VALUE ? EMPTY : births.end() - 1;
    }
  }

  private void lookAtOpened(int entry, long time) {
    BirthFront front = fronts[entry];
    if (front == null) {
      oldest[entry] = time;
      watched[entry] = time;
    } else if (watched[entry] == EMPTY && time > front.last() && front.size() >= rooms[entry]) {
      watched[entry] = front.last();
    } else {
      front.add(time);
    }
  }

  private void lookAtClosed(int entry, long allocatedAt) {
    BirthFront front = fronts[entry];
    if (counters.get(entry, StackCounters.OUTSTANDING_COUNT) == 0) {
      empty(entry);
    } else if (front == null) {
      becomeStale(entry);
    } else {
      front.remove(allocatedAt);
      if (front.isEmpty()) {
        becomeStale(entry);
      }
    }
  }

  private void empty(int entry) {
    fronts[entry] = null;
    oldest[entry] = EMPTY;
    watched[entry] = EMPTY;
  }

  private void becomeStale(int entry) {
    fronts[entry] = null;
    watched[entry] = STALE;
    if (staleCount == stale.length) {
      stale = Arrays.copyOf(stale, staleCount * 2);
    }
    stale[staleCount++] = entry;
  }
}
