package io.unfreed.streams.ledger;

import java.util.Arrays;

/**
 * Outstanding blocks of one address space by address: many small segments, found through a
 * directory by the top bits of the hash (extendible hashing), each an array of groups of seven
 * slots. A control word holds a tag of every slot of its group, so that a look-up compares seven
 * slots at once and hardly ever guesses wrong; the count of blocks that found their group full
 * takes the place of tombstones, so that nothing decays. A segment grows by a sixteenth or splits
 * alone: growth needs no second copy of the whole and makes no long pause.
 * docs/decisions/ledger-layout.md has the numbers.
 *
 * <pre>
 *   directory[top bits of hash] -> segment: groups of 22 longs
 *     word 0        control: bytes 0 to 6 tag of each slot (upper bit set), 0 for an empty one;
 *                   byte 7 how many blocks went on from here to a later group, 255 for "many"
 *     word 1+3s     address
 *     word 2+3s     time of the allocation, nanoseconds of session time
 *     word 3+3s     size in bytes (upper 32 bits) | site (lower 32 bits)
 * </pre>
 *
 * A size of 2^32 - 1 or more is kept aside. {@link #find} and {@link #claim} set a cursor to which
 * the accessors refer until the next call that changes the table. Not thread-safe.
 */
final class GroupTable {
  private static final int WORDS = 3;
  private static final int SLOTS = 7;
  private static final int STRIDE = 1 + SLOTS * WORDS;
  private static final int FIRST_GROUPS = 8;
  private static final int LARGEST_GROUPS = 585;
  private static final long LARGE = 0xFFFF_FFFFL;
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private static final long EACH_SLOT = 0x0001_0101_0101_0101L;
  private static final long UPPER_BITS = EACH_SLOT << 7;
  private static final int PASSED_SHIFT = 56;
  private static final long ONE_PASSED = 1L << PASSED_SHIFT;
  private static final long MANY_PASSED = 0xFF;

  /** Tables of up to this depth are small: they spend memory on short probes. */
  private static final int ROOMY_DEPTH = 4;

  private static final double ROOMY_LOAD = 0.5;
  private static final double DENSE_LOAD = 0.88;

  private final LargeSizes largeSizes = new LargeSizes();

  private int depth;
  private long[][] directory;
  private int[] counts;
  private byte[] localDepths;
  private long size;

  private long[] segment;
  private int group;
  private int slot;
  private int at;

  GroupTable() {
    clear();
  }

  /** Blocks in the table. */
  long size() {
    return size;
  }

  /** Puts the cursor on the block at an address; false if there is none. */
  boolean find(long address) {
    long hash = hash(address);
    long[] words = directory[index(hash)];
    long tags = tag(hash) * EACH_SLOT;
    int g = home(hash, words);
    while (true) {
      long control = words[g];
      long unlike = control ^ tags;
      long match = (unlike - EACH_SLOT) & ~unlike & UPPER_BITS;
      while (match != 0) {
        int s = Long.numberOfTrailingZeros(match) >>> 3;
        int i = g + 1 + s * WORDS;
        if (words[i] == address) {
          put(words, g, s, i);
          return true;
        }
        match &= match - 1;
      }
      if (control >>> PASSED_SHIFT == 0) {
        return false;
      }
      g = next(g, words);
    }
  }

  /**
   * Puts the cursor on the block at an address, making room for one where there is none.
   *
   * @return true if the slot is new: its time, size and site must then be {@link #set}
   */
  boolean claim(long address) {
    if (find(address)) {
      return false;
    }
    long hash = hash(address);
    int lead = leader(index(hash));
    while (counts[lead] >= limit(directory[lead])) {
      makeRoom(lead);
      lead = leader(index(hash));
    }
    long[] words = directory[lead];
    at = insert(words, hash, address);
    segment = words;
    group = at / STRIDE * STRIDE;
    slot = (at - group) / WORDS;
    counts[lead]++;
    size++;
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
    return segment[at];
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
      largeSizes.remove(words[at]);
    }
    long hash = hash(words[at]);
    counts[leader(index(hash))]--;
    size--;
    words[group] &= ~(0xFFL << (slot << 3));
    for (int g = home(hash, words); g != group; g = next(g, words)) {
      if (words[g] >>> PASSED_SHIFT != MANY_PASSED) {
        words[g] -= ONE_PASSED;
      }
    }
  }

  /** Forgets every block and gives the memory back. */
  void clear() {
    depth = 0;
    directory = new long[][] {newSegment(FIRST_GROUPS)};
    counts = new int[] {0};
    localDepths = new byte[] {0};
    size = 0;
    largeSizes.clear();
    put(directory[0], 0, 0, 1);
  }

  /** What a walk over all blocks calls. */
  interface Visitor {
    void block(long timeNanos, long sizeBytes, int site);
  }

  /** Visits every block, in no particular order. */
  void forEach(Visitor visitor) {
    int step;
    for (int index = 0; index < directory.length; index += step) {
      step = 1 << (depth - localDepths[index]);
      long[] words = directory[index];
      for (int i = nextUsed(words, -1); i >= 0; i = nextUsed(words, i)) {
        visitor.block(words[i + 1], sizeAt(words, i), (int) words[i + 2]);
      }
    }
  }

  private void put(long[] words, int toGroup, int toSlot, int toWord) {
    segment = words;
    group = toGroup;
    slot = toSlot;
    at = toWord;
  }

  private long sizeAt(long[] words, int i) {
    long bytes = words[i + 2] >>> Integer.SIZE;
    return bytes == LARGE ? largeSizes.get(words[i]) : bytes;
  }

  private static long[] newSegment(int groups) {
    return new long[groups * STRIDE];
  }

  private static int groups(long[] words) {
    return words.length / STRIDE;
  }

  private int limit(long[] words) {
    return (int) (groups(words) * SLOTS * load());
  }

  private double load() {
    return depth <= ROOMY_DEPTH ? ROOMY_LOAD : DENSE_LOAD;
  }

  private static long hash(long address) {
    long product = address * GOLDEN;
    return product ^ product >>> Integer.SIZE;
  }

  private static long tag(long hash) {
    return (hash & 0xFF) | 0x80;
  }

  private int index(long hash) {
    return depth == 0 ? 0 : (int) (hash >>> (Long.SIZE - depth));
  }

  /** The lowest directory index that shares a segment: the count is kept there. */
  private int leader(int index) {
    return index & -(1 << (depth - localDepths[index]));
  }

  /** First word of the group a block belongs to: the lower half of the hash, scaled. */
  private static int home(long hash, long[] words) {
    long scaled = (hash & 0xFFFF_FFFFL) * groups(words);
    return (int) (scaled >>> Integer.SIZE) * STRIDE;
  }

  private static int next(int group, long[] words) {
    int next = group + STRIDE;
    return next == words.length ? 0 : next;
  }

  /** Word of the first used slot behind a word; -1 when there is none. */
  private static int nextUsed(long[] words, int behind) {
    int s = behind < 0 ? 0 : behind % STRIDE / WORDS + 1;
    for (int g = Math.max(0, behind) / STRIDE * STRIDE; g < words.length; g += STRIDE) {
      long used = words[g] & UPPER_BITS & (-1L << (s << 3));
      if (used != 0) {
        return g + 1 + (Long.numberOfTrailingZeros(used) >>> 3) * WORDS;
      }
      s = 0;
    }
    return -1;
  }

  /** Takes the first empty slot from a block's group on; the segment must have one. */
  private static int insert(long[] words, long hash, long address) {
    int g = home(hash, words);
    long empty = ~words[g] & UPPER_BITS;
    while (empty == 0) {
      if (words[g] >>> PASSED_SHIFT != MANY_PASSED) {
        words[g] += ONE_PASSED;
      }
      g = next(g, words);
      empty = ~words[g] & UPPER_BITS;
    }
    int s = Long.numberOfTrailingZeros(empty) >>> 3;
    words[g] |= tag(hash) << (s << 3);
    int i = g + 1 + s * WORDS;
    words[i] = address;
    return i;
  }

  private void makeRoom(int lead) {
    long[] words = directory[lead];
    int groups = groups(words);
    int wanted = depth <= ROOMY_DEPTH ? groups * 2 : groups + Math.max(1, groups / 16);
    if (wanted <= LARGEST_GROUPS) {
      int span = 1 << (depth - localDepths[lead]);
      Arrays.fill(directory, lead, lead + span, copy(words, wanted, 0, 0));
    } else {
      split(lead);
    }
  }

  private void split(int lead) {
    if (localDepths[lead] == depth) {
      doubleDirectory();
      lead *= 2;
    }
    long[] words = directory[lead];
    int local = localDepths[lead] + 1;
    int half = 1 << (depth - local);
    long bit = 1L << (Long.SIZE - local);
    int upper = 0;
    for (int i = nextUsed(words, -1); i >= 0; i = nextUsed(words, i)) {
      upper += (hash(words[i]) & bit) != 0 ? 1 : 0;
    }
    int lower = counts[lead] - upper;
    int groups = Math.max(FIRST_GROUPS, (int) (Math.max(lower, upper) / load() / SLOTS * 1.05) + 1);
    setHalf(lead, half, local, copy(words, groups, bit, 0));
    setHalf(lead + half, half, local, copy(words, groups, bit, bit));
    counts[lead] = lower;
    counts[lead + half] = upper;
  }

  private void setHalf(int from, int span, int local, long[] words) {
    Arrays.fill(directory, from, from + span, words);
    Arrays.fill(localDepths, from, from + span, (byte) local);
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

  /** A segment with the blocks whose hash has {@code value} in the bits of {@code mask}. */
  private static long[] copy(long[] source, int groups, long mask, long value) {
    long[] words = newSegment(groups);
    for (int i = nextUsed(source, -1); i >= 0; i = nextUsed(source, i)) {
      long hash = hash(source[i]);
      if ((hash & mask) == value) {
        int to = insert(words, hash, source[i]);
        words[to + 1] = source[i + 1];
        words[to + 2] = source[i + 2];
      }
    }
    return words;
  }
}
