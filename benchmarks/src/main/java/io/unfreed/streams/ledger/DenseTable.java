package io.unfreed.streams.ledger;

import java.util.Arrays;

/** Blocks in dense arrays, the last moved into the gap; an open-addressed index of ints to them. */
final class DenseTable implements BlockLayout {
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private int[] index = new int[128];
  private int mask = 127;
  private long[] addresses = new long[64];
  private long[] times = new long[64];
  private long[] sizes = new long[64];
  private int size;

  @Override
  public void add(long address, long timeNanos, long sizeBytes, int site) {
    if (size * 3L >= (mask + 1) * 2L) {
      growIndex();
    }
    if (size == addresses.length) {
      int capacity = size + size / 2;
      addresses = Arrays.copyOf(addresses, capacity);
      times = Arrays.copyOf(times, capacity);
      sizes = Arrays.copyOf(sizes, capacity);
    }
    addresses[size] = address;
    times[size] = timeNanos;
    sizes[size] = (sizeBytes << Integer.SIZE) | site;
    size++;
    enter(size);
  }

  @Override
  public long take(long address) {
    int slot = home(address);
    while (index[slot] == 0 || addresses[index[slot] - 1] != address) {
      if (index[slot] == 0) {
        return -1;
      }
      slot = (slot + 1) & mask;
    }
    int row = index[slot] - 1;
    long sizeBytes = sizes[row] >>> Integer.SIZE;
    erase(slot);
    size--;
    if (row != size) {
      int last = home(addresses[size]);
      while (index[last] != size + 1) {
        last = (last + 1) & mask;
      }
      index[last] = row + 1;
      addresses[row] = addresses[size];
      times[row] = times[size];
      sizes[row] = sizes[size];
    }
    return sizeBytes;
  }

  private void erase(int slot) {
    int hole = slot;
    for (int i = (hole + 1) & mask; index[i] != 0; i = (i + 1) & mask) {
      if (((i - home(addresses[index[i] - 1])) & mask) >= ((i - hole) & mask)) {
        index[hole] = index[i];
        hole = i;
      }
    }
    index[hole] = 0;
  }

  private void enter(int row) {
    int slot = home(addresses[row - 1]);
    while (index[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    index[slot] = row;
  }

  private int home(long address) {
    return (int) ((address * GOLDEN) >>> 33) & mask;
  }

  private void growIndex() {
    index = new int[index.length * 2];
    mask = mask * 2 + 1;
    for (int row = 1; row <= size; row++) {
      enter(row);
    }
  }
}
