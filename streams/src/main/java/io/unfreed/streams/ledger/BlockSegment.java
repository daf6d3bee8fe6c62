package io.unfreed.streams.ledger;

import java.util.Arrays;

/**
 * The blocks of one hash range: rows side by side, and a small index with linear probing over them.
 *
 * <pre>
 *   index   int[capacity + slack]   tag (upper 18 bits) | number of the row + 1; 0: empty
 *   rows    long[rows * 3]
 *     word 0   address
 *     word 1   time of the allocation, nanoseconds of session time
 *     word 2   size in bytes (upper 32 bits) | site (lower 32 bits); site -1: the row is unused
 * </pre>
 *
 * The tag is a piece of the hash: it gives the slot where probing begins, so growing the index and
 * closing the hole of a removed slot read no rows. A run of slots that reaches the end of the index
 * makes the slack longer. Not thread-safe.
 */
final class BlockSegment {
  static final int WORDS = 3;

  /** A segment with so many blocks is split before it takes another. */
  static final int LARGEST_COUNT = 8192;

  /** A segment that was ever used has room for so many. */
  static final int FIRST_ROWS = 32;

  private static final int FIRST_CAPACITY = 64;
  private static final int SLACK = 32;

  /** As many as the number of a row leaves of an int: few rows are read for the wrong block. */
  static final int TAG_BITS = 18;

  private static final int TAG_SHIFT = Integer.SIZE - TAG_BITS;
  private static final int NUMBER = (1 << TAG_SHIFT) - 1;
  private static final int NONE = -1;
  private static final short[] NO_ROWS = {};
  private static final int KEPT_UNUSED = 64;

  /** Bits of the hash that all blocks of this segment share. */
  final int depth;

  private final BlockDensity density;
  private int[] index;
  private int capacity;
  private int limit;
  private long[] rows;
  private int rowCount;
  private short[] unusedRows = NO_ROWS;
  private int unusedCount;
  private int count;

  /**
   * An empty segment.
   *
   * @param depth bits of the hash that its blocks share
   * @param blocks how many blocks to make room for, and for some more
   */
  BlockSegment(int depth, BlockDensity density, int blocks) {
    this.depth = depth;
    this.density = density;
    this.rows = new long[blocks == 0 ? 0 : Math.max(FIRST_ROWS, density.moreRows(blocks)) * WORDS];
    resizeIndex(blocks == 0 ? 1 : Math.max(FIRST_CAPACITY, density.slots(blocks)));
  }

  /** The slot of a block; or the empty slot where its search ended, inverted. */
  int find(long address, int tag) {
    int[] slots = index;
    for (int i = home(tag); ; i++) {
      int slot = slots[i];
      if (slot == 0) {
        return ~i;
      }
      if (slot >>> TAG_SHIFT == tag && rows[at(slot)] == address) {
        return i;
      }
    }
  }

  /** The index, for {@link CacheTouch}. */
  int[] index() {
    return index;
  }

  /** Where the words of the first row with this tag begin, or -1; reads no row. */
  int likelyRow(int home, int tag) {
    int[] slots = index;
    for (int i = home; ; i++) {
      int slot = slots[i];
      if (slot == 0) {
        return NONE;
      }
      if (slot >>> TAG_SHIFT == tag) {
        return at(slot);
      }
    }
  }

  /** Where the row begins that the next block will have, if it was given back long ago; or -1. */
  int coldUnusedRow() {
    return unusedCount > KEPT_UNUSED ? at(unusedRows[unusedCount - 1]) : NONE;
  }

  /**
   * Adds a block that is not there yet.
   *
   * @param empty the {@link #firstEmpty} slot of its tag
   * @return its slot, or -1 if the segment must be split
   */
  int add(long address, int tag, int empty) {
    if (count >= LARGEST_COUNT) {
      return NONE;
    }
    int i = empty;
    if (count >= limit) {
      resizeIndex(Math.max(FIRST_CAPACITY, density.moreSlots(capacity)));
      i = firstEmpty(tag);
    }
    int row = takeRow();
    index[i] = (tag << TAG_SHIFT) | (row + 1);
    rows[row * WORDS] = address;
    keepEmptyEnd(i);
    count++;
    return i;
  }

  /** Where a block with this tag goes. */
  int firstEmpty(int tag) {
    int i = home(tag);
    while (index[i] != 0) {
      i++;
    }
    return i;
  }

  /** Removes the block in a slot. */
  void remove(int slot) {
    int[] slots = index;
    int at = at(slots[slot]);
    rows[at + 2] = NONE;
    giveRowBack(slots[slot] & NUMBER);
    count--;
    int hole = slot;
    for (int i = hole + 1; slots[i] != 0; i++) {
      if (home(slots[i] >>> TAG_SHIFT) <= hole) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = 0;
  }

  /** Where the words of the block in a slot begin in {@link #rows}. */
  int atSlot(int slot) {
    return at(index[slot]);
  }

  /** The words of all rows. */
  long[] rows() {
    return rows;
  }

  /** Where the first row from {@code at} on begins that holds a block, or -1. */
  int next(int at) {
    for (int i = at; i < rowCount * WORDS; i += WORDS) {
      if ((int) rows[i + 2] != NONE) {
        return i;
      }
    }
    return NONE;
  }

  /** Blocks in this segment. */
  int count() {
    return count;
  }

  /** Rows for which there is room. */
  int rowRoom() {
    return rows.length / WORDS;
  }

  /** Adds the blocks whose hash has the next bit to {@code upper}, the others to {@code lower}. */
  void splitInto(BlockSegment lower, BlockSegment upper, BlockHash hash) {
    for (int slot : index) {
      if (slot != 0) {
        int from = at(slot);
        BlockSegment half = hash.of(rows[from]) << depth < 0 ? upper : lower;
        half.copy(rows, from, slot >>> TAG_SHIFT);
      }
    }
  }

  /** Adds a block that is not there yet with the words of its row; false if it must be split. */
  boolean copy(long[] words, int from, int tag) {
    int slot = add(words[from], tag, firstEmpty(tag));
    if (slot < 0) {
      return false;
    }
    int to = atSlot(slot);
    rows[to + 1] = words[from + 1];
    rows[to + 2] = words[from + 2];
    return true;
  }

  /** The slot where the search for a tag begins. */
  int home(int tag) {
    return (int) (((long) tag * capacity) >>> TAG_BITS);
  }

  /** Where the words of the row that a slot's content names begin; negative for an empty slot. */
  private static int at(int slot) {
    return ((slot & NUMBER) - 1) * WORDS;
  }

  /** The row last given back, most likely still in the cache; or a new one. */
  private int takeRow() {
    if (unusedCount > 0) {
      int number = unusedRows[--unusedCount];
      unusedRows = unusedCount == 0 && unusedRows.length > KEPT_UNUSED ? NO_ROWS : unusedRows;
      return number - 1;
    }
    if (rowCount * WORDS == rows.length) {
      rows = Arrays.copyOf(rows, Math.max(FIRST_ROWS, density.moreRows(rowCount)) * WORDS);
    }
    return rowCount++;
  }

  /** Their numbers are kept aside: a list through the rows themselves would read a cold row. */
  private void giveRowBack(int number) {
    if (unusedCount == unusedRows.length) {
      unusedRows = Arrays.copyOf(unusedRows, Math.max(KEPT_UNUSED, unusedCount * 2));
    }
    unusedRows[unusedCount++] = (short) number;
  }

  /** Slots are in the order of their tags but for collisions, so this walks both in order. */
  private void resizeIndex(int newCapacity) {
    int[] old = index == null ? new int[0] : index;
    capacity = newCapacity;
    limit = density.limit(capacity);
    index = new int[capacity + (capacity == 1 ? 1 : SLACK)];
    for (int slot : old) {
      if (slot != 0) {
        int i = firstEmpty(slot >>> TAG_SHIFT);
        index[i] = slot;
        keepEmptyEnd(i);
      }
    }
  }

  /** Probing relies on an empty slot behind the last one in use. */
  private void keepEmptyEnd(int slot) {
    if (slot == index.length - 1) {
      index = Arrays.copyOf(index, index.length + SLACK);
    }
  }
}
