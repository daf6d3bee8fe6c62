package io.unfreed.streams.ledger;

/** One array of a power of two, linear probing, three longs a slot, removal shifts back. */
final class PlainTable implements BlockLayout {
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private long[] words = new long[64 * 3];
  private int mask = 63;
  private int size;

  @Override
  public void add(long address, long timeNanos, long sizeBytes, int site) {
    if (size * 3L >= (mask + 1) * 2L) {
      grow();
    }
    int slot = home(address);
    while (words[slot * 3] != 0) {
      slot = (slot + 1) & mask;
    }
    words[slot * 3] = address;
    words[slot * 3 + 1] = timeNanos;
    words[slot * 3 + 2] = (sizeBytes << Integer.SIZE) | site;
    size++;
  }

  @Override
  public long take(long address) {
    int slot = home(address);
    while (words[slot * 3] != address) {
      if (words[slot * 3] == 0) {
        return -1;
      }
      slot = (slot + 1) & mask;
    }
    long sizeBytes = words[slot * 3 + 2] >>> Integer.SIZE;
    size--;
    int hole = slot;
    for (int i = (hole + 1) & mask; words[i * 3] != 0; i = (i + 1) & mask) {
      if (((i - home(words[i * 3])) & mask) >= ((i - hole) & mask)) {
        System.arraycopy(words, i * 3, words, hole * 3, 3);
        hole = i;
      }
    }
    words[hole * 3] = 0;
    return sizeBytes;
  }

  private int home(long address) {
    return (int) ((address * GOLDEN) >>> 33) & mask;
  }

  private void grow() {
    long[] old = words;
    words = new long[old.length * 2];
    mask = mask * 2 + 1;
    size = 0;
    for (int i = 0; i < old.length; i += 3) {
      if (old[i] != 0) {
        add(old[i], old[i + 1], old[i + 2] >>> Integer.SIZE, (int) old[i + 2]);
      }
    }
  }
}
