package io.unfreed.streams.trace;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which statements of a key came, by their numbers, which rise by one from 0; in any order,
 * repeated or not. They come in their order, and a session that was replayed once more: further
 * back than {@link #MOST_RANGES} gaps one that is missing is given up, and passed over if it comes
 * all the same.
 */
final class CameSequences {
  /** So many stretches without a gap are told apart. */
  static final int MOST_RANGES = 64;

  /** Of an entry of a tree with two boxed numbers. */
  private static final long RANGE_BYTES = 88;

  /** First to last, of those that came or were given up. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  private long count;

  /** Returns false for one that came before or was given up. */
  boolean add(long sequence) {
    Map.Entry<Long, Long> below = ranges.floorEntry(sequence);
    if (below != null && sequence <= below.getValue()) {
      return false;
    }
    count++;
    boolean isBehind = below != null && below.getValue() == sequence - 1;
    Long last = ranges.remove(sequence + 1);
    ranges.put(isBehind ? below.getKey() : sequence, last == null ? sequence : last);
    if (ranges.size() > MOST_RANGES) {
      giveUpFirstGap();
    }
    return true;
  }

  private void giveUpFirstGap() {
    Map.Entry<Long, Long> first = ranges.pollFirstEntry();
    Map.Entry<Long, Long> second = ranges.pollFirstEntry();
    ranges.put(first.getKey(), second.getValue());
  }

  /** Whether the first of all came. */
  boolean isBegun() {
    return ranges.containsKey(0L);
  }

  /** So many came. */
  long count() {
    return count;
  }

  /** Memory that it takes, roughly. */
  long heldBytes() {
    return RANGE_BYTES * ranges.size();
  }
}
