package io.unfreed.streams.ledger;

/**
 * Reads what events to come will need of a table, so that many misses of the cache overlap. A core
 * looks a few hundred instructions ahead for the next miss: so what is to be read is worked out
 * first, for a whole window of events, from what is in the cache, and then read in loops as short
 * as can be. Changes nothing. Not thread-safe.
 *
 * <pre>
 *   addresses -> segments, homes -> read: index[home] -> tag found: row -> read: row
 * </pre>
 */
final class CacheTouch {
  private BlockSegment[] segments = {};
  private int[][] indexes = {};
  private int[] homes = {};
  private int[] tags = {};
  private long[][] rows = {};
  private int[] rowAt = {};

  /**
   * Reads the blocks at the first {@code count} addresses.
   *
   * @return anything; to be used, lest the compiler drop the reads
   */
  long blocks(BlockTable table, long[] addresses, int count) {
    long sum = indexes(table, addresses, count);
    int found = 0;
    for (int i = 0; i < count; i++) {
      found = note(found, segments[i], segments[i].likelyRow(homes[i], tags[i]));
    }
    return sum + rows(found);
  }

  /**
   * Reads where blocks at the first {@code count} addresses would be placed.
   *
   * @return anything; to be used, lest the compiler drop the reads
   */
  long places(BlockTable table, long[] addresses, int count) {
    long sum = indexes(table, addresses, count);
    int found = 0;
    for (int i = 0; i < count; i++) {
      found = note(found, segments[i], segments[i].coldUnusedRow());
    }
    return sum + rows(found);
  }

  /** Gives its memory back, until it is used again; what it refers to may be gone by then. */
  void rest() {
    segments = new BlockSegment[0];
    indexes = new int[0][];
    homes = new int[0];
    tags = new int[0];
    rows = new long[0][];
    rowAt = new int[0];
  }

  private long indexes(BlockTable table, long[] addresses, int count) {
    if (homes.length < count) {
      segments = new BlockSegment[count];
      indexes = new int[count][];
      homes = new int[count];
      tags = new int[count];
      rows = new long[count][];
      rowAt = new int[count];
    }
    BlockHash hash = table.hash();
    for (int i = 0; i < count; i++) {
      long hashed = hash.of(addresses[i]);
      BlockSegment segment = table.segment(hashed);
      int tag = BlockHash.tag(hashed);
      segments[i] = segment;
      indexes[i] = segment.index();
      homes[i] = segment.home(tag);
      tags[i] = tag;
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += indexes[i][homes[i]];
    }
    return sum;
  }

  /** Notes where a row begins, if there is one: {@code at} is negative otherwise. */
  private int note(int found, BlockSegment segment, int at) {
    rows[found] = segment.rows();
    rowAt[found] = at;
    return at < 0 ? found : found + 1;
  }

  /** A row may be in two lines of the cache: reads both its ends. */
  private long rows(int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long[] words = rows[i];
      int at = rowAt[i];
      sum += words[at] + words[at + 2];
    }
    return sum;
  }
}
