package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

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
 *
 * <p>Scenario of crafted addresses, pinned by BlockTableTest: more blocks share the first bits of
 * the hash than a segment may hold, however often it is split. Without a bound the directory would
 * double until memory ends; so a split that would make it much deeper than its blocks need is not
 * made, and the whole table is filled again by another {@link BlockHash}.
 */
final class BlockTable {
  private static final int SNAPSHOT_VERSION = 1;
  private static final long LARGE = 0xFFFF_FFFFL;

  /** By so many bits the directory may be deeper than segments that are full need. */
  private static final int SPARE_DEPTH = 6;

  /** Of the blocks that the segments can hold; a table with less of them is made smaller. */
  private static final int LEAST_SHARE = 32;

  private static final int LEAST_SHARE_AT_REST = 8;

  private final Supplier<BlockHash> hashes;
  private final LargeSizes largeSizes = new LargeSizes();

  private BlockHash hash;
  private int depth;
  private BlockSegment[] directory;
  private int segments;
  private long size;

  private BlockSegment segment;
  private long[] rows;
  private int slot;
  private int at;

  BlockTable() {
    this(BlockHash::random);
  }

  /** A table that draws its hash, and another one when it needs one; for tests. */
  BlockTable(Supplier<BlockHash> hashes) {
    this.hashes = hashes;
    this.hash = hashes.get();
    makeEmpty();
  }

  /** Blocks in the table. */
  long size() {
    return size;
  }

  /** Puts the cursor on the block at an address; false if there is none. */
  boolean find(long address) {
    long hashed = hash.of(address);
    BlockSegment found = segment(hashed);
    int i = found.find(address, BlockHash.tag(hashed));
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
    long hashed = hash.of(address);
    BlockSegment found = segment(hashed);
    int i = found.find(address, BlockHash.tag(hashed));
    if (i >= 0) {
      moveTo(found, i);
      return false;
    }
    int added = found.add(address, BlockHash.tag(hashed), ~i);
    while (added < 0) {
      if (!split(index(hashed))) {
        refill();
      }
      hashed = hash.of(address);
      found = segment(hashed);
      int tag = BlockHash.tag(hashed);
      added = found.add(address, tag, found.firstEmpty(tag));
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
    size = 0;
    largeSizes.clear();
    makeEmpty();
  }

  /** Gives back what a much larger number of blocks had needed; the cursor is then on nothing. */
  void trim() {
    trim(LEAST_SHARE);
  }

  /** The same for a larger number of blocks: no events came for a while. */
  void rest() {
    trim(LEAST_SHARE_AT_REST);
  }

  private void trim(int leastShare) {
    long room =
        segments == 1 ? directory[0].rowRoom() : (long) segments * BlockSegment.LARGEST_COUNT;
    long least = size == 0 ? 0 : BlockSegment.FIRST_ROWS;
    if (size * leastShare < room && room > least) {
      refill();
    }
  }

  /** What a walk over all blocks calls. */
  interface Visitor {
    void block(long address, long timeNanos, long sizeBytes, int site);
  }

  /** Visits every block, in no particular order. */
  void forEach(Visitor visitor) {
    distinct()
        .forEach(visited -> {
          long[] words = visited.rows();
          for (int i = visited.next(0); i >= 0; i = visited.next(i + BlockSegment.WORDS)) {
            visitor.block(words[i], words[i + 1], sizeAt(words, i), (int) words[i + 2]);
          }
        });
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

  /** Gives every block the new number of its site; the cursor stays. */
  void renumberSites(int[] numbers) {
    distinct()
        .forEach(visited -> {
          long[] words = visited.rows();
          for (int i = visited.next(0); i >= 0; i = visited.next(i + BlockSegment.WORDS)) {
            words[i + 2] = (words[i + 2] & (LARGE << Integer.SIZE)) | numbers[(int) words[i + 2]];
          }
        });
  }

  BlockHash hash() {
    return hash;
  }

  /** Bits of the hash by which segments are found. */
  int depth() {
    return depth;
  }

  /** Rows for which there is room. */
  long rowRoom() {
    return distinct().mapToLong(BlockSegment::rowRoom).sum();
  }

  /** Where blocks with this hash are. */
  BlockSegment segment(long hashed) {
    return directory[index(hashed)];
  }

  private int index(long hashed) {
    return depth == 0 ? 0 : (int) (hashed >>> (Long.SIZE - depth));
  }

  /** Splits a full segment; false if the directory would become too deep by it. */
  private boolean split(int index) {
    BlockSegment full = directory[index];
    if (full.depth == depth) {
      if (depth >= neededDepth() + SPARE_DEPTH) {
        return false;
      }
      doubleDirectory();
      index *= 2;
    }
    BlockDensity density = BlockDensity.of(full.depth + 1);
    BlockSegment lower = new BlockSegment(full.depth + 1, density, full.count() / 2);
    BlockSegment upper = new BlockSegment(full.depth + 1, density, full.count() / 2);
    full.splitInto(lower, upper, hash);
    int span = 1 << (depth - full.depth);
    int from = index & -span;
    Arrays.fill(directory, from, from + span / 2, lower);
    Arrays.fill(directory, from + span / 2, from + span, upper);
    segments++;
    return true;
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

  /** Bits by which segments would be found that are half full. */
  private int neededDepth() {
    long halves = size / (BlockSegment.LARGEST_COUNT / 2);
    return Long.SIZE - Long.numberOfLeadingZeros(halves);
  }

  /** Puts every block into new segments, as few as it takes, by another hash. */
  private void refill() {
    List<BlockSegment> old = distinct().toList();
    do {
      hash = hashes.get();
      makeEmpty();
    } while (!old.stream().allMatch(this::takeAll));
  }

  /** Takes the blocks of another table's segment; false if the directory became too deep. */
  private boolean takeAll(BlockSegment from) {
    long[] words = from.rows();
    for (int i = from.next(0); i >= 0; i = from.next(i + BlockSegment.WORDS)) {
      long hashed = hash.of(words[i]);
      int tag = BlockHash.tag(hashed);
      BlockSegment to = segment(hashed);
      while (!to.copy(words, i, tag)) {
        if (!split(index(hashed))) {
          return false;
        }
        to = segment(hashed);
      }
    }
    return true;
  }

  /** No blocks, but room for as many as there were. */
  private void makeEmpty() {
    depth = neededDepth();
    segments = 1 << depth;
    directory = new BlockSegment[segments];
    int each = (int) (size >> depth);
    for (int i = 0; i < segments; i++) {
      directory[i] = new BlockSegment(depth, BlockDensity.of(depth), each);
    }
    segment = directory[0];
    rows = segment.rows();
  }

  /** Every segment once, in the order of the directory. */
  private Stream<BlockSegment> distinct() {
    return Stream.iterate(
            0, index -> index < directory.length, i -> i + (1 << (depth - directory[i].depth)))
        .map(index -> directory[index]);
  }

  /** Writes all blocks, segment by segment, see {@link BlockColumns}. */
  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(size);
    BlockColumns columns = new BlockColumns();
    distinct().forEach(written -> columns.write(written, hash, this::sizeAt, out));
    columns.writeEnd(out);
  }

  /** Takes all blocks that were written; the table must be new. */
  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "blocks");
    size = in.getLong();
    makeEmpty();
    size = 0;
    new BlockColumns()
        .read(
            in,
            (address, time, bytes, site) -> {
              claim(address);
              set(time, bytes, site);
            });
  }
}
