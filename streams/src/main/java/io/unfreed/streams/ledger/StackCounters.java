package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;

/**
 * Counters of every entry, an entry being a call stack in one address space. Eight longs each, one
 * cache line:
 *
 * <pre>
 *   0 outstanding bytes   1 outstanding count   2 allocations      3 frees
 *   4 superseded          5 closed by exec      6 allocated bytes  7 certain bytes
 * </pre>
 *
 * Beside them two that few releases touch: temporary allocations, and blocks that a realloc moved.
 *
 * <p>With a size filter, these and 2 to 6 count allocations of passing size only; 0, 1 and 7 count
 * all. Bounds are grown by {@link #ensure}. Not thread-safe.
 */
final class StackCounters {
  private static final int SNAPSHOT_VERSION = 2;

  /** From it on it is counted how blocks are released. */
  private static final int COUNTING_VERSION = 2;

  static final int OUTSTANDING_BYTES = 0;
  static final int OUTSTANDING_COUNT = 1;
  static final int ALLOCATIONS = 2;
  static final int FREES = 3;
  static final int SUPERSEDED = 4;
  static final int CLOSED_BY_EXEC = 5;
  static final int ALLOCATED_BYTES = 6;
  static final int CERTAIN_BYTES = 7;

  private static final int SHIFT = 3;

  /** In place of a number that an earlier version had not counted. */
  private static final long NOT_COUNTED = -1;

  private long[] words = new long[64 << SHIFT];
  private long[] temporary = new long[64];
  private long[] moved = new long[64];
  private long[][] lifetimes = new long[64][];
  private boolean[] changed = new boolean[64];
  private int[] changedEntries = new int[64];
  private int changedCount;
  private int entries;

  /** Makes room for entries 0 to {@code count - 1}. */
  void ensure(int count) {
    entries = Math.max(entries, count);
    if (count > lifetimes.length) {
      int capacity = Math.max(count, lifetimes.length * 2);
      words = Arrays.copyOf(words, capacity << SHIFT);
      temporary = Arrays.copyOf(temporary, capacity);
      moved = Arrays.copyOf(moved, capacity);
      lifetimes = Arrays.copyOf(lifetimes, capacity);
      changed = Arrays.copyOf(changed, capacity);
      changedEntries = Arrays.copyOf(changedEntries, capacity);
    }
  }

  int entries() {
    return entries;
  }

  long get(int entry, int counter) {
    return words[(entry << SHIFT) + counter];
  }

  void put(int entry, int counter, long value) {
    words[(entry << SHIFT) + counter] = value;
  }

  void add(int entry, int counter, long amount) {
    words[(entry << SHIFT) + counter] += amount;
  }

  /** One more outstanding block. */
  void open(int entry, long sizeBytes, long certainBytes, boolean counted) {
    int at = entry << SHIFT;
    words[at + OUTSTANDING_BYTES] += sizeBytes;
    words[at + OUTSTANDING_COUNT]++;
    words[at + CERTAIN_BYTES] += certainBytes;
    if (counted) {
      words[at + ALLOCATIONS]++;
      words[at + ALLOCATED_BYTES] = Sums.of(words[at + ALLOCATED_BYTES], sizeBytes);
    }
    touch(entry);
  }

  /** One outstanding block less; {@code reason} is the counter that says why, if it counts. */
  void close(int entry, long sizeBytes, long certainBytes, int reason, boolean counted) {
    int at = entry << SHIFT;
    words[at + OUTSTANDING_BYTES] -= sizeBytes;
    words[at + OUTSTANDING_COUNT]--;
    words[at + CERTAIN_BYTES] -= certainBytes;
    if (counted) {
      words[at + reason]++;
    }
    touch(entry);
  }

  /** An outstanding block of this entry became smaller. */
  void shrink(int entry, long sizeBytes, long certainBytes) {
    int at = entry << SHIFT;
    words[at + OUTSTANDING_BYTES] -= sizeBytes;
    words[at + CERTAIN_BYTES] -= certainBytes;
    touch(entry);
  }

  /** A released block was a temporary allocation. */
  void wasTemporary(int entry) {
    count(temporary, entry);
  }

  /** A block was released by a realloc that made a new one in its place. */
  void wasMoved(int entry) {
    count(moved, entry);
  }

  /** Null when it was not always counted. */
  Long temporary(int entry) {
    return counted(temporary[entry]);
  }

  /** Null when it was not always counted. */
  Long moved(int entry) {
    return counted(moved[entry]);
  }

  private static void count(long[] numbers, int entry) {
    if (numbers[entry] != NOT_COUNTED) {
      numbers[entry]++;
    }
  }

  private static Long counted(long number) {
    return number == NOT_COUNTED ? null : (Long) number;
  }

  /** Records how long a released block lived. */
  void lived(int entry, long lifetimeNanos) {
    long[] row = lifetimes[entry];
    if (row == null) {
      row = new long[Log2Buckets.COUNT];
      lifetimes[entry] = row;
    }
    row[Log2Buckets.of(lifetimeNanos)]++;
  }

  /** Released blocks by lifetime, trailing zeros cut. */
  long[] lifetimes(int entry) {
    return Log2Buckets.trimmed(lifetimes[entry]);
  }

  /** Marks an entry as changed since the last {@link #forgetChanges}. */
  void touch(int entry) {
    if (!changed[entry]) {
      changed[entry] = true;
      changedEntries[changedCount++] = entry;
    }
  }

  /** Entries changed since the last {@link #forgetChanges}, in the order of their first change. */
  int[] changedEntries() {
    return Arrays.copyOf(changedEntries, changedCount);
  }

  void forgetChanges() {
    for (int i = 0; i < changedCount; i++) {
      changed[changedEntries[i]] = false;
    }
    changedCount = 0;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(entries);
    for (int counter = 0; counter < 1 << SHIFT; counter++) {
      for (int entry = 0; entry < entries; entry++) {
        out.put(get(entry, counter));
      }
    }
    for (int entry = 0; entry < entries; entry++) {
      out.putAll(lifetimes(entry));
    }
    for (int entry = 0; entry < entries; entry++) {
      out.put(temporary[entry]);
      out.put(moved[entry]);
    }
    out.put(changedCount);
    out.put(changedEntries, changedCount);
  }

  void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "counters");
    ensure(in.getCount());
    for (int counter = 0; counter < 1 << SHIFT; counter++) {
      for (int entry = 0; entry < entries; entry++) {
        put(entry, counter, in.getLong());
      }
    }
    for (int entry = 0; entry < entries; entry++) {
      long[] row = in.getAll();
      lifetimes[entry] = row.length == 0 ? null : Arrays.copyOf(row, Log2Buckets.COUNT);
    }
    for (int entry = 0; entry < entries; entry++) {
      long known = get(entry, FREES) == 0 ? 0 : NOT_COUNTED;
      temporary[entry] = version < COUNTING_VERSION ? known : in.getLong();
      moved[entry] = version < COUNTING_VERSION ? known : in.getLong();
    }
    for (int count = in.getCount(); count > 0; count--) {
      touch(in.getInt());
    }
  }
}
