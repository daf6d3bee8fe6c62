package io.unfreed.streams.ledger;

import java.util.Arrays;

/**
 * The first births of an entry's outstanding blocks: when they were allocated, in order, and how
 * many at each time. Times whose blocks are all gone stay until they are the first. Not
 * thread-safe.
 */
final class BirthFront {
  private long[] times;
  private int[] counts;
  private int from;
  private int to;

  /** The first {@code count} times, in order, some perhaps more than once. */
  BirthFront(long[] sorted, int count) {
    times = new long[Math.max(4, count)];
    counts = new int[times.length];
    for (int i = 0; i < count; i++) {
      if (i == 0 || sorted[i] != times[to - 1]) {
        times[to++] = sorted[i];
      }
      counts[to - 1]++;
    }
  }

  boolean isEmpty() {
    return from == to;
  }

  /** When the oldest block was allocated. */
  long first() {
    return times[from];
  }

  /** The last time that is kept, its blocks there or not. */
  long last() {
    return times[to - 1];
  }

  /** Times that are kept. */
  int size() {
    return to - from;
  }

  /** One more block. */
  void add(long time) {
    int at = isEmpty() || time > last() ? ~to : Arrays.binarySearch(times, from, to, time);
    if (at < 0) {
      at = insert(~at, time);
    }
    counts[at]++;
  }

  /** One block less. */
  void remove(long time) {
    int at = Arrays.binarySearch(times, from, to, time);
    if (at < 0 || counts[at] == 0) {
      throw new IllegalStateException("no block that was allocated at " + time + " ns");
    }
    counts[at]--;
    while (from < to && counts[from] == 0) {
      from++;
    }
  }

  private int insert(int at, long time) {
    if (to == times.length) {
      int moved = from;
      int length = size() * 2 > times.length ? times.length * 2 : times.length;
      times = Arrays.copyOf(Arrays.copyOfRange(times, from, to), length);
      counts = Arrays.copyOf(Arrays.copyOfRange(counts, from, to), length);
      to -= moved;
      from = 0;
      at -= moved;
    }
    System.arraycopy(times, at, times, at + 1, to - at);
    System.arraycopy(counts, at, counts, at + 1, to - at);
    times[at] = time;
    counts[at] = 0;
    to++;
    return at;
  }
}
