package io.unfreed.server.answer;

import java.util.Arrays;

/** A number per slot of time; memory only between the first slot and the last that has any. */
final class SlotSums {
  private static final int LEAST = 8;

  private long[] sums = new long[0];
  private int first;
  private int length;

  void add(int slot, long number) {
    if (number == 0) {
      return;
    }
    if (length == 0) {
      first = slot;
    } else if (slot < first) {
      long[] moved = new long[first - slot + length];
      System.arraycopy(sums, 0, moved, first - slot, length);
      sums = moved;
      length = moved.length;
      first = slot;
    }
    int at = slot - first;
    if (at >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(LEAST, Math.max(at + 1, 2 * sums.length)));
    }
    length = Math.max(length, at + 1);
    sums[at] += number;
  }

  /** Adds a number in equal parts to each of some slots, so that they add up to it. */
  void spread(int from, int to, long number) {
    int parts = to - from + 1;
    long rest = number % parts;
    for (int i = 0; i < parts; i++) {
      add(from + i, number / parts + rest * (i + 1) / parts - rest * i / parts);
    }
  }

  /** The same numbers, in no more memory than they need. */
  SlotSums copy() {
    SlotSums copy = new SlotSums();
    copy.sums = Arrays.copyOf(sums, length);
    copy.first = first;
    copy.length = length;
    return copy;
  }

  /** All of them, added up. */
  long total() {
    long total = 0;
    for (int i = 0; i < length; i++) {
      total += sums[i];
    }
    return total;
  }

  /** Numbers for which there is room. */
  int words() {
    return sums.length;
  }

  /** Adds those of another one. */
  void addAll(SlotSums other) {
    for (int i = 0; i < other.length; i++) {
      add(other.first + i, other.sums[i]);
    }
  }

  /** Of changes: what they add up to in each of the first slots, added up. */
  double area(int slots) {
    double area = 0;
    for (int i = 0; i < length && first + i < slots; i++) {
      area += (double) sums[i] * (slots - first - i);
    }
    return area;
  }

  /** Two slots become one. */
  void halve() {
    SlotSums halved = new SlotSums();
    for (int i = 0; i < length; i++) {
      halved.add((first + i) / 2, sums[i]);
    }
    sums = halved.sums;
    first = halved.first;
    length = halved.length;
  }

  /** Adds them to numbers per slot. */
  void addTo(long[] slots) {
    for (int i = 0; i < length && first + i < slots.length; i++) {
      slots[first + i] += sums[i];
    }
  }
}
