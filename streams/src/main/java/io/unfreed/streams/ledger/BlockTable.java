package io.unfreed.streams.ledger;

import java.util.Arrays;

/**
 * Outstanding blocks of one address space by address: linear probing in many small segments, found
 * through a directory by the top bits of the hash (extendible hashing). A segment grows by a
 * sixteenth or splits alone, so growth needs no second copy of the whole and makes no long pause;
 * removal shifts back, so there are no tombstones to decay. docs/decisions/ledger-layout.md has the
 * numbers.
 *
 * <pre>
 *   directory[top bits of hash] -> segment: long[(capacity + SLACK) * 3]
 *     word 0   ~address, 0 for an empty slot
 *     word 1   time of the allocation, nanoseconds of session time
 *     word 2   size in bytes (upper 32 bits) | site (lower 32 bits)
 * </pre>
 *
 * A size of 2^32 - 1 or more is kept aside, and so is a block at the last address, -1, whose key
 * would be that of an empty slot. {@link #find} and {@link #claim} set a cursor to which the
 * accessors refer until the next call that changes the table. Not thread-safe.
 */
final class BlockTable {
  private static final int WORDS = 3;
  private static final int SLACK = 64;
  private static final int FIRST_CAPACITY = 64;
  private static final int LARGEST_CAPACITY = 4096;
  private static final long LARGE = 0xFFFF_FFFFL;
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  /** Tables of up to this depth are small: they spend memory on short probes. */
  private static final int ROOMY_DEPTH = 4;

  private static final double ROOMY_LOAD = 0.5;
  private static final double DENSE_LOAD = 0.82;

  private final LargeSizes largeSizes = new LargeSizes();

  /** The slot of address -1, known by its length; word 0 says whether there is a block. */
  private final long[] lastAddress = new long[WORDS];

  private int depth;
  private long[][] directory = {newSegment(FIRST_CAPACITY)};
  private int[] counts = {0};
  private byte[] localDepths = {0};
  private long size;

  private long[] segment = directory[0];
  private int at;

  /** Blocks in the table. */
  long size() {
    return size;
  }

  /** Puts the cursor on the block at an address; false if there is none. */
  boolean find(long address) {
    long key = ~address;
    if (key == 0) {
      return findLastAddress();
    }
    long hash = hash(key);
    long[] words = directory[index(hash)];
    int i = home(hash, words);
    while (words[i] != key) {
      if (words[i] == 0) {
        return false;
      }
      i += WORDS;
    }
    segment = words;
    at = i;
    return true;
  }

  /**
   * Puts the cursor on the block at an address, making room for one where there is none.
   *
   * @return true if the slot is new: its time, size and site must then be {@link #set}
   */
  boolean claim(long address) {
    long key = ~address;
    if (key == 0) {
      return claimLastAddress();
    }
    long hash = hash(key);
    int index = index(hash);
    long[] words = directory[index];
    int i = home(hash, words);
    while (words[i] != 0) {
      if (words[i] == key) {
        segment = words;
        at = i;
        return false;
      }
      i += WORDS;
    }
    int lead = leader(index);
    if (i >= words.length - WORDS || counts[lead] >= limit(words)) {
      makeRoom(lead);
      return claim(address);
    }
    words[i] = key;
    counts[lead]++;
    size++;
    segment = words;
    at = i;
    return true;
  }

  /** Fills the slot under the cursor. */
  void set(long timeNanos, long sizeBytes, int site) {
    segment[at + 1] = timeNanos;
    if (sizeBytes >= LARGE || sizeBytes < 0) {
      largeSizes.put(address(), sizeBytes);
      segment[at + 2] = LARGE << Integer.SIZE | site;
    } else {
      if (segment[at + 2] >>> Integer.SIZE == LARGE) {
        largeSizes.remove(address());
      }
      segment[at + 2] = sizeBytes << Integer.SIZE | site;
    }
  }

  /** Address of the block under the cursor. */
  long address() {
    return addressAt(segment, at);
  }

  /** When the block under the cursor was allocated, nanoseconds of session time. */
  long timeNanos() {
    return segment[at + 1];
  }

  /** Requested size of the block under the cursor. */
  long sizeBytes() {
    return sizeAt(segment, at);
  }

  /** Site of the block under the cursor. */
  int site() {
    return (int) segment[at + 2];
  }

  /** Removes the block under the cursor; the cursor is then on nothing. */
  void remove() {
    long[] words = segment;
    if (words[at + 2] >>> Integer.SIZE == LARGE) {
      largeSizes.remove(address());
    }
    if (words.length == WORDS) {
      lastAddress[0] = 0;
      size--;
      return;
    }
    counts[leader(index(hash(words[at])))]--;
    size--;
    int hole = at;
    int i = hole + WORDS;
    while (words[i] != 0) {
      if (home(hash(words[i]), words) <= hole) {
        words[hole] = words[i];
        words[hole + 1] = words[i + 1];
        words[hole + 2] = words[i + 2];
        hole = i;
      }
      i += WORDS;
    }
    words[hole] = 0;
  }

  /** Forgets every block and gives the memory back. */
  void clear() {
    depth = 0;
    directory = new long[][] {newSegment(FIRST_CAPACITY)};
    counts = new int[] {0};
    localDepths = new byte[] {0};
    size = 0;
    largeSizes.clear();
    lastAddress[0] = 0;
    segment = directory[0];
    at = 0;
  }

  /** What a walk over all blocks calls. */
  interface Visitor {
    void block(long timeNanos, long sizeBytes, int site);
  }

  /** Visits every block, in no particular order. */
  void forEach(Visitor visitor) {
    if (lastAddress[0] != 0) {
      visitor.block(lastAddress[1], sizeAt(lastAddress, 0), (int) lastAddress[2]);
    }
    int step;
    for (int index = 0; index < directory.length; index += step) {
      step = 1 << (depth - localDepths[index]);
      long[] words = directory[index];
      for (int i = 0; i < words.length; i += WORDS) {
        if (words[i] != 0) {
          visitor.block(words[i + 1], sizeAt(words, i), (int) words[i + 2]);
        }
      }
    }
  }

  private long sizeAt(long[] words, int i) {
    long bytes = words[i + 2] >>> Integer.SIZE;
    return bytes == LARGE ? largeSizes.get(addressAt(words, i)) : bytes;
  }

  private long addressAt(long[] words, int i) {
    return words.length == WORDS ? -1 : ~words[i];
  }

  private boolean findLastAddress() {
    segment = lastAddress;
    at = 0;
    return lastAddress[0] != 0;
  }

  private boolean claimLastAddress() {
    boolean isNew = !findLastAddress();
    lastAddress[0] = 1;
    size += isNew ? 1 : 0;
    return isNew;
  }

  private static long[] newSegment(int capacity) {
    return new long[(capacity + SLACK) * WORDS];
  }

  private static int capacity(long[] words) {
    return words.length / WORDS - SLACK;
  }

  private int limit(long[] words) {
    return (int) (capacity(words) * (depth <= ROOMY_DEPTH ? ROOMY_LOAD : DENSE_LOAD));
  }

  private static long hash(long key) {
    long product = key * GOLDEN;
    return product ^ product >>> Integer.SIZE;
  }

  private int index(long hash) {
    return depth == 0 ? 0 : (int) (hash >>> (Long.SIZE - depth));
  }

  /** The lowest directory index that shares a segment: the count is kept there. */
  private int leader(int index) {
    return index & -(1 << (depth - localDepths[index]));
  }

  /** The lower half of the hash, scaled to the capacity. */
  private static int home(long hash, long[] words) {
    long scaled = (hash & 0xFFFF_FFFFL) * capacity(words);
    return (int) (scaled >>> Integer.SIZE) * WORDS;
  }

  private void makeRoom(int lead) {
    long[] words = directory[lead];
    int capacity = capacity(words);
    if (depth <= ROOMY_DEPTH && capacity * 2 <= LARGEST_CAPACITY) {
      replace(lead, rehash(words, capacity * 2));
    } else if (capacity + capacity / 16 <= LARGEST_CAPACITY) {
      replace(lead, rehash(words, capacity + capacity / 16));
    } else {
      split(lead);
    }
  }

  private void replace(int lead, long[] words) {
    int span = 1 << (depth - localDepths[lead]);
    Arrays.fill(directory, lead, lead + span, words);
  }

  private void split(int lead) {
    if (localDepths[lead] == depth) {
      doubleDirectory();
      lead *= 2;
    }
    long[] words = directory[lead];
    int local = localDepths[lead] + 1;
    int half = 1 << (depth - local);
    int upper = 0;
    for (int i = 0; i < words.length; i += WORDS) {
      if (words[i] != 0 && goesUp(words[i], local)) {
        upper++;
      }
    }
    int lower = counts[lead] - upper;
    double load = depth <= ROOMY_DEPTH ? ROOMY_LOAD : DENSE_LOAD;
    int slots = Math.max(FIRST_CAPACITY, (int) (Math.max(lower, upper) / load * 1.05));
    fillHalf(lead, half, local, words, slots, false);
    fillHalf(lead + half, half, local, words, slots, true);
    counts[lead] = lower;
    counts[lead + half] = upper;
  }

  private void fillHalf(int from, int span, int local, long[] source, int capacity, boolean upper) {
    long[] words = newSegment(capacity);
    for (int i = 0; i < source.length; i += WORDS) {
      if (source[i] != 0 && goesUp(source[i], local) == upper) {
        words = copyInto(words, source, i);
      }
    }
    Arrays.fill(directory, from, from + span, words);
    Arrays.fill(localDepths, from, from + span, (byte) local);
  }

  private static boolean goesUp(long key, int localDepth) {
    return (hash(key) >>> (Long.SIZE - localDepth) & 1) != 0;
  }

  private void doubleDirectory() {
    int length = directory.length;
    long[][] segments = new long[length * 2][];
    int[] newCounts = new int[length * 2];
    byte[] locals = new byte[length * 2];
    for (int i = 0; i < length; i++) {
      segments[2 * i] = directory[i];
      segments[2 * i + 1] = directory[i];
      newCounts[2 * i] = counts[i];
      locals[2 * i] = localDepths[i];
      locals[2 * i + 1] = localDepths[i];
    }
    directory = segments;
    counts = newCounts;
    localDepths = locals;
    depth++;
  }

  private static long[] rehash(long[] source, int capacity) {
    long[] words = newSegment(capacity);
    for (int i = 0; i < source.length; i += WORDS) {
      if (source[i] != 0) {
        words = copyInto(words, source, i);
      }
    }
    return words;
  }

  /** Copies one slot; returns a larger segment when a run of slots reached the end of this one. */
  private static long[] copyInto(long[] words, long[] source, int from) {
    int i = home(hash(source[from]), words);
    while (words[i] != 0) {
      i += WORDS;
    }
    if (i >= words.length - WORDS) {
      long[] larger = rehash(words, capacity(words) + capacity(words) / 16 + SLACK);
      return copyInto(larger, source, from);
    }
    words[i] = source[from];
    words[i + 1] = source[from + 1];
    words[i + 2] = source[from + 2];
    return words;
  }
}
