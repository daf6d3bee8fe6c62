package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import java.util.UUID;
import org.agrona.collections.Int2IntHashMap;

/**
 * What the ledger knows of each thread: its last allocation, while no later event of the thread
 * came. A thread of which that does not matter any more may be forgotten: when it comes again it
 * has another index, and nothing tells the difference. Not thread-safe.
 */
final class ThreadTable {
  private static final int SNAPSHOT_VERSION = 1;

  private static final int NONE = -1;
  private static final int NO_SPACE = -1;
  private static final int FIRST_LENGTH = 4;
  private static final int FACTOR = 0x9E37_79B1;

  /** Which threads cannot be forgotten. */
  interface Needed {
    /** Whether a thread is needed whose last event allocated this, or NO_SPACE. */
    boolean test(int thread, int space, long address);
  }

  /** Thread ids come from recorded programs: none can be chosen that fall together in the map. */
  private final int salt = UUID.randomUUID().hashCode();

  private Int2IntHashMap indices = new Int2IntHashMap(NONE);
  private int lastTid = NONE;
  private int lastIndex = NONE;
  private int size;
  private int[] tids = new int[FIRST_LENGTH];
  private long[] lastAddress = new long[FIRST_LENGTH];
  private int[] lastSpace = new int[FIRST_LENGTH];

  /** Since the last {@link #forget}. */
  private boolean[] used = new boolean[FIRST_LENGTH];

  /** Threads that are known. */
  int size() {
    return size;
  }

  /** The index of a thread, from 0. */
  int index(int tid) {
    if (tid == lastTid && lastIndex != NONE) {
      return lastIndex;
    }
    int index = indices.get(key(tid));
    if (index == NONE) {
      index = add(tid);
    }
    used[index] = true;
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

  /**
   * Forgets the threads that are not needed and gives the others new indices, in the same order.
   *
   * @param keepsUsed those that had an event since the last call stay too
   * @return the new index of each old one, -1 for those that are forgotten
   */
  int[] forget(boolean keepsUsed, Needed needed) {
    int[] renumbered = new int[size];
    int kept = 0;
    for (int i = 0; i < size; i++) {
      boolean stays = (keepsUsed && used[i]) || needed.test(i, lastSpace[i], lastAddress[i]);
      renumbered[i] = stays ? kept++ : NONE;
    }
    int length = Math.max(FIRST_LENGTH, kept);
    int[] newTids = new int[length];
    long[] newAddress = new long[length];
    int[] newSpace = new int[length];
    indices = new Int2IntHashMap(NONE);
    for (int i = 0; i < size; i++) {
      int to = renumbered[i];
      if (to != NONE) {
        newTids[to] = tids[i];
        newAddress[to] = lastAddress[i];
        newSpace[to] = lastSpace[i];
        indices.put(key(tids[i]), to);
      }
    }
    tids = newTids;
    lastAddress = newAddress;
    lastSpace = newSpace;
    used = new boolean[length];
    size = kept;
    lastIndex = NONE;
    return renumbered;
  }

  private int key(int tid) {
    int key = (tid ^ salt) * FACTOR;
    return key ^ key >>> 15;
  }

  private int add(int tid) {
    if (size == tids.length) {
      tids = Arrays.copyOf(tids, size * 2);
      lastAddress = Arrays.copyOf(lastAddress, size * 2);
      lastSpace = Arrays.copyOf(lastSpace, size * 2);
      used = Arrays.copyOf(used, size * 2);
    }
    indices.put(key(tid), size);
    tids[size] = tid;
    lastSpace[size] = NO_SPACE;
    return size++;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(size);
    out.put(tids, size);
    out.put(lastSpace, size);
    out.put(lastAddress, size);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "threads");
    for (int count = in.getCount(); count > 0; count--) {
      add(in.getInt());
    }
    in.get(lastSpace, size);
    in.get(lastAddress, size);
  }
}
