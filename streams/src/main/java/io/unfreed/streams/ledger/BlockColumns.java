package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;

/**
 * Blocks in a snapshot: a group for each segment, and in a group the columns one behind the other,
 * by address, so that neighbours differ little. A group of 0 blocks ends them.
 *
 * <pre>
 *   count | least time | addresses, each less the one before | times less the least | sizes | sites
 * </pre>
 */
final class BlockColumns {
  private long[] addresses = new long[BlockSegment.LARGEST_COUNT];
  private long[] times = new long[BlockSegment.LARGEST_COUNT];
  private long[] sizes = new long[BlockSegment.LARGEST_COUNT];
  private int[] sites = new int[BlockSegment.LARGEST_COUNT];

  /** The size of the block whose words begin somewhere in a segment's rows. */
  interface Sizes {
    long at(long[] rows, int at);
  }

  /** Takes a block that is read. */
  interface Visitor {
    void block(long address, long timeNanos, long sizeBytes, int site);
  }

  /** Writes the blocks of a segment. */
  void write(BlockSegment segment, BlockHash hash, Sizes sizeOf, SnapshotOut out) {
    int count = segment.count();
    if (count == 0) {
      return;
    }
    room(count);
    long[] rows = segment.rows();
    int found = 0;
    for (int at = segment.next(0); at >= 0; at = segment.next(at + BlockSegment.WORDS)) {
      addresses[found++] = rows[at];
    }
    Arrays.sort(addresses, 0, count);
    long least = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      int tag = BlockHash.tag(hash.of(addresses[i]));
      int at = segment.atSlot(segment.find(addresses[i], tag));
      times[i] = rows[at + 1];
      least = Math.min(least, times[i]);
      sizes[i] = sizeOf.at(rows, at);
      sites[i] = (int) rows[at + 2];
    }
    out.put(count);
    out.put(least);
    long last = 0;
    for (int i = 0; i < count; i++) {
      out.put(addresses[i] - last);
      last = addresses[i];
    }
    for (int i = 0; i < count; i++) {
      out.put(times[i] - least);
    }
    out.put(sizes, count);
    out.put(sites, count);
  }

  /** No more blocks follow. */
  void writeEnd(SnapshotOut out) {
    out.put(0);
  }

  /** Reads all blocks. */
  void read(SnapshotIn in, Visitor visitor) {
    for (int count = in.getCount(); count > 0; count = in.getCount()) {
      room(count);
      long least = in.getLong();
      in.get(addresses, count);
      in.get(times, count);
      in.get(sizes, count);
      in.get(sites, count);
      long address = 0;
      for (int i = 0; i < count; i++) {
        address += addresses[i];
        visitor.block(address, least + times[i], sizes[i], sites[i]);
      }
    }
  }

  private void room(int count) {
    if (count > addresses.length) {
      addresses = new long[count];
      times = new long[count];
      sizes = new long[count];
      sites = new int[count];
    }
  }
}
