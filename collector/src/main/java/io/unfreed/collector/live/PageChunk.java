package io.unfreed.collector.live;

import java.util.Arrays;

/** Up to 64 neighbouring pages with the stacks that made them resident. Used by one thread. */
final class PageChunk {
  static final int PAGES = 64;

  /** The object and its array's head, 8 bytes each in front of what they hold, rounded up. */
  private static final int OBJECT_BYTES = 24 + 16;

  /** Hears of pages in ascending order. */
  interface Visitor {
    void page(int at, int stack);
  }

  /** A bit for each page that is there. */
  private long present;

  /** Of the pages that are there, in their order; the rest is room. */
  private int[] stacks;

  PageChunk() {
    this(0, new int[1]);
  }

  private PageChunk(long present, int[] stacks) {
    this.present = present;
    this.stacks = stacks;
  }

  /** The bits of the pages from one place up to another one. */
  static long mask(int from, int to) {
    return (-1L << from) & (-1L >>> (PAGES - to));
  }

  boolean isEmpty() {
    return present == 0;
  }

  boolean has(int at) {
    return (present & bit(at)) != 0;
  }

  /** What it takes of the heap. */
  long bytes() {
    return OBJECT_BYTES + (long) Integer.BYTES * stacks.length;
  }

  void put(int at, int stack) {
    int place = place(at);
    if (!has(at)) {
      int count = Long.bitCount(present);
      if (count == stacks.length) {
        stacks = Arrays.copyOf(stacks, Math.min(PAGES, count * 2));
      }
      System.arraycopy(stacks, place, stacks, place + 1, count - place);
      present |= bit(at);
    }
    stacks[place] = stack;
  }

  /** Takes pages out, by their bits; those that were there are in the answer. */
  PageChunk take(long bits) {
    PageChunk taken = only(bits);
    PageChunk left = only(~bits);
    present = left.present;
    stacks = left.stacks;
    return taken;
  }

  private PageChunk only(long bits) {
    long chosen = present & bits;
    int[] theirs = new int[Math.max(1, Long.bitCount(chosen))];
    int next = 0;
    for (long rest = chosen; rest != 0; rest &= rest - 1) {
      theirs[next++] = stacks[place(Long.numberOfTrailingZeros(rest))];
    }
    return new PageChunk(chosen, theirs);
  }

  void forEach(Visitor visitor) {
    int next = 0;
    for (long rest = present; rest != 0; rest &= rest - 1) {
      visitor.page(Long.numberOfTrailingZeros(rest), stacks[next++]);
    }
  }

  private int place(int at) {
    return Long.bitCount(present & (bit(at) - 1));
  }

  private static long bit(int at) {
    return 1L << at;
  }
}
