package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;

/**
 * Outstanding blocks of one address space by address: many small {@link BlockSegment}s, found
 * through a directory by the top bits of the hash (extendible hashing). A segment grows or is split
 * alone, so growth needs no second copy of the whole and makes no long pause; removal leaves no
 * tombstones. docs/decisions/ledger-layout.md has the numbers.
 *
 * <pre>
 *   address -> hash:  directory index (top bits) | ... | tag (18 bits in the middle) | ...
 *   directory[index] -> segment with that prefix; several indices share one that is split later
 * </pre>
 *
 * A size of 2^32 - 1 or more is kept aside. {@link #find} and {@link #claim} set a cursor to which
 * the accessors refer until the next call that changes the table. Not thread-safe.
 */
final class BlockTable {
  private static final long LARGE = 0xFFFF_FFFFL;
  private static final long FIRST_FACTOR = 0x9E37_79B9_7F4A_7C15L;
  private static final long SECOND_FACTOR = 0xBF58_476D_1CE4_E5B9L;
  private static final int TAG_SHIFT = 16;
  private static final int TAG = (1 << BlockSegment.TAG_BITS) - 1;

  private final LargeSizes largeSizes = new LargeSizes();

  private int depth;
  private BlockSegment[] directory = {new BlockSegment(0, BlockDensity.ROOMY, 0)};
  private long size;

  private BlockSegment segment = directory[0];
  private long[] rows = segment.rows();
  private int slot;
  private int at;

  /** Blocks in the table. */
  long size() {
    return size;
  }

  /** Puts the cursor on the block at an address; false if there is none. */
  boolean find(long address) {
    long hash = hash(address);
    BlockSegment found = segment(hash);
    int i = found.find(address, tag(hash));
    if (i < 0) {
      return false;
    }
    moveTo(found, i);
    return true;
  }

  /**
   * Puts the cursor on the block at an address, making room for one where there is none.
   *
   * @return true if the slot is new: its time, size and site must then be {@link #set}
   */
  boolean claim(long address) {
    long hash = hash(address);
    BlockSegment found = segment(hash);
    int i = found.find(address, tag(hash));
    if (i >= 0) {
      moveTo(found, i);
      return false;
    }
    int added = found.add(address, tag(hash), ~i);
    while (added < 0) {
      split(index(hash));
      found = segment(hash);
      added = found.add(address, tag(hash), found.firstEmpty(tag(hash)));
    }
    size++;
    moveTo(found, added);
    rows[at + 2] = 0;
    return true;
  }

  /** Fills the entry under the cursor; {@code site} is 0 or more. */
  void set(long timeNanos, long sizeBytes, int site) {
    rows[at + 1] = timeNanos;
    if (sizeBytes >= LARGE || sizeBytes < 0) {
      largeSizes.put(address(), sizeBytes);
      rows[at + 2] = LARGE << Integer.SIZE | site;
    } else {
      if (rows[at + 2] >>> Integer.SIZE == LARGE) {
        largeSizes.remove(address());
      }
      rows[at + 2] = sizeBytes << Integer.SIZE | site;
    }
  }

  /** Address of the block under the cursor. */
  long address() {
    return rows[at];
  }

  /** When the block under the cursor was allocated, nanoseconds of session time. */
  long timeNanos() {
    return rows[at + 1];
  }

  /** Requested size of the block under the cursor. */
  long sizeBytes() {
    return sizeAt(rows, at);
  }

  /** Site of the block under the cursor. */
  int site() {
    return (int) rows[at + 2];
  }

  /** Removes the block under the cursor; the cursor is then on nothing. */
  void remove() {
    if (rows[at + 2] >>> Integer.SIZE == LARGE) {
      largeSizes.remove(address());
    }
    segment.remove(slot);
    size--;
  }

  /** Forgets every block and gives the memory back. */
  void clear() {
    depth = 0;
    directory = new BlockSegment[] {new BlockSegment(0, BlockDensity.ROOMY, 0)};
    size = 0;
    largeSizes.clear();
    segment = directory[0];
    rows = segment.rows();
  }

  /** What a walk over all blocks calls. */
  interface Visitor {
    void block(long timeNanos, long sizeBytes, int site);
  }

  /** Visits every block, in no particular order. */
  void forEach(Visitor visitor) {
    int step;
    for (int index = 0; index < directory.length; index += step) {
      BlockSegment visited = directory[index];
      step = 1 << (depth - visited.depth);
      long[] words = visited.rows();
      for (int i = visited.next(0); i >= 0; i = visited.next(i + BlockSegment.WORDS)) {
        visitor.block(words[i + 1], sizeAt(words, i), (int) words[i + 2]);
      }
    }
  }

  /** Whether the hash of an address has the bit behind its first {@code depth} bits. */
  static boolean bit(long address, int depth) {
    return (hash(address) << depth) < 0;
  }

  private void moveTo(BlockSegment found, int i) {
    segment = found;
    slot = i;
    rows = found.rows();
    at = found.atSlot(i);
  }

  private long sizeAt(long[] words, int i) {
    long bytes = words[i + 2] >>> Integer.SIZE;
    return bytes == LARGE ? largeSizes.get(words[i]) : bytes;
  }

  /** Two rounds of multiply and fold: every bit of the address reaches the top bits and the tag. */
  static long hash(long address) {
    long hash = (address ^ address >>> Integer.SIZE) * FIRST_FACTOR;
    return (hash ^ hash >>> Integer.SIZE) * SECOND_FACTOR;
  }

  static int tag(long hash) {
    return (int) (hash >>> TAG_SHIFT) & TAG;
  }

  /** Where blocks with this hash are. */
  BlockSegment segment(long hash) {
    return directory[index(hash)];
  }

  private int index(long hash) {
    return depth == 0 ? 0 : (int) (hash >>> (Long.SIZE - depth));
  }

  private void split(int index) {
    BlockSegment full = directory[index];
    if (full.depth == depth) {
      doubleDirectory();
      index *= 2;
    }
    BlockDensity density = BlockDensity.of(full.depth + 1);
    BlockSegment lower = new BlockSegment(full.depth + 1, density, full.count() / 2);
    BlockSegment upper = new BlockSegment(full.depth + 1, density, full.count() / 2);
    full.splitInto(lower, upper);
    int span = 1 << (depth - full.depth);
    int from = index & -span;
    Arrays.fill(directory, from, from + span / 2, lower);
    Arrays.fill(directory, from + span / 2, from + span, upper);
  }

  private void doubleDirectory() {
    BlockSegment[] doubled = new BlockSegment[directory.length * 2];
    for (int i = 0; i < directory.length; i++) {
      doubled[2 * i] = directory[i];
      doubled[2 * i + 1] = directory[i];
    }
    directory = doubled;
    depth++;
  }

  /** Writes all blocks, segment by segment, see {@link BlockColumns}. */
  void snapshotTo(SnapshotOut out) {
    BlockColumns columns = new BlockColumns();
    int step;
    for (int index = 0; index < directory.length; index += step) {
      BlockSegment written = directory[index];
      step = 1 << (depth - written.depth);
      columns.write(written, this::sizeAt, out);
    }
    columns.writeEnd(out);
  }

  /** Adds all blocks that were written. */
  void restoreFrom(SnapshotIn in) {
    new BlockColumns()
        .read(
            in,
            (address, time, size, site) -> {
              claim(address);
              set(time, size, site);
            });
  }
}
