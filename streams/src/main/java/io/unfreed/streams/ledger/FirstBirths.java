package io.unfreed.streams.ledger;

import java.util.Arrays;

/** Finds the first of many births that come in any order, in bounded memory. */
final class FirstBirths {
  private final int most;
  private long[] found = new long[16];
  private int count;
  private long least = Long.MAX_VALUE;

  /** Births at this time or later were not all kept. */
  private long end = Long.MAX_VALUE;

  /** About the first {@code most}. */
  FirstBirths(int most) {
    this.most = most;
  }

  void add(long time) {
    least = Math.min(least, time);
    if (time >= end) {
      return;
    }
    if (count == found.length) {
      if (count < 2 * most) {
        found = Arrays.copyOf(found, count * 2);
      } else {
        cut();
      }
    }
    if (time < end) {
      found[count++] = time;
    }
  }

  /** The first of all; there was one at least. */
  long least() {
    return least;
  }

  /** All births before {@link #end}. */
  BirthFront front() {
    Arrays.sort(found, 0, count);
    return new BirthFront(found, count);
  }

  /** Behind every birth that was kept; the largest number when all were. */
  long end() {
    return end;
  }

  private void cut() {
    Arrays.sort(found, 0, count);
    end = found[count / 2];
    count = Arrays.binarySearch(found, 0, count / 2, end);
    count = count < 0 ? ~count : count;
    while (count > 0 && found[count - 1] == end) {
      count--;
    }
  }
}
