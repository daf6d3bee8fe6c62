package io.unfreed.streams.ledger;

import java.util.Arrays;
import org.agrona.collections.Int2IntHashMap;

/**
 * What the ledger knows of each thread: its last allocation, while no later event of the thread
 * came. Not thread-safe.
 */
final class ThreadTable {
  private static final int NONE = -1;
  private static final int NO_SPACE = -1;

  private final Int2IntHashMap indices = new Int2IntHashMap(NONE);
  private int lastTid = NONE;
  private int lastIndex = NONE;
  private int size;
  private long[] lastAddress = new long[16];
  private int[] lastSpace = new int[16];
  private int[] tids = new int[16];

  /** The index of a thread, from 0. */
  int index(int tid) {
    if (tid == lastTid && lastIndex != NONE) {
      return lastIndex;
    }
    int index = indices.get(tid);
    if (index == NONE) {
      index = add(tid);
    }
    lastTid = tid;
    lastIndex = index;
    return index;
  }

  /** The thread of an index. */
  int tid(int index) {
    return tids[index];
  }

  /** The thread's last event allocated this address (or mapping number) in this space. */
  void allocated(int thread, int space, long address) {
    lastAddress[thread] = address;
    lastSpace[thread] = space;
  }

  /** The thread's last event was anything else. */
  void didOther(int thread) {
    lastSpace[thread] = NO_SPACE;
  }

  /** Whether the thread's last event allocated this address (or mapping number). */
  boolean justAllocated(int thread, int space, long address) {
    return lastSpace[thread] == space && lastAddress[thread] == address;
  }

  /** Number of the mapping that was the thread's last event, or -1. */
  long justMapped(int thread) {
    return lastSpace[thread] == AddressSpace.MAPPING.ordinal() ? lastAddress[thread] : -1;
  }

  /** Nobody has a last allocation any more. */
  void clear() {
    Arrays.fill(lastSpace, NO_SPACE);
  }

  private int add(int tid) {
    if (size == lastSpace.length) {
      lastAddress = Arrays.copyOf(lastAddress, size * 2);
      lastSpace = Arrays.copyOf(lastSpace, size * 2);
      tids = Arrays.copyOf(tids, size * 2);
    }
    indices.put(tid, size);
    lastSpace[size] = NO_SPACE;
    tids[size] = tid;
    return size++;
  }
}
