package io.unfreed.shim.arena;

/**
 * Merges the rings of one image by stamp: a binary heap whose top is drained for as long as it is
 * the least. At equal stamps releases come first: an address is freed before it is allocated again.
 */
final class RingMerge {
  private RingReader[] heap = new RingReader[8];
  private int size;

  void clear() {
    size = 0;
  }

  void add(RingReader ring) {
    if (size == heap.length) {
      heap = java.util.Arrays.copyOf(heap, size * 2);
    }
    int at = size++;
    while (at > 0 && heap[(at - 1) / 2].key > ring.key) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = ring;
  }

  /** The stamp of the next record; MAX_VALUE when there is none. */
  long nextStamp() {
    return size == 0 ? Long.MAX_VALUE : heap[0].key >>> 1;
  }

  /**
   * Hands out records stamped up to a limit.
   *
   * @param most that are handed out
   * @return how many
   */
  <L> int drain(
      ArenaHandler<L> handler, L lane, StampClock clock, long limitStamp, long nowStamp, int most) {
    int taken = 0;
    // Keys are stamps times 2.
    long limit = limitStamp >= Long.MAX_VALUE >>> 1 ? Long.MAX_VALUE : limitStamp << 1 | 1;
    while (size > 0 && heap[0].key <= limit && taken < most) {
      RingReader top = heap[0];
      long bound = Math.min(limit, size > 1 ? second() : Long.MAX_VALUE);
      do {
        top.take(handler, lane, clock, nowStamp);
        taken++;
      } while (top.hasNext() && top.key <= bound && taken < most);
      if (!top.hasNext()) {
        top = heap[--size];
        heap[size] = null;
      }
      if (size > 0) {
        sink(top);
      }
    }
    return taken;
  }

  private long second() {
    return size > 2 ? Math.min(heap[1].key, heap[2].key) : heap[1].key;
  }

  private void sink(RingReader ring) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && heap[child + 1].key < heap[child].key) {
        child++;
      }
      if (heap[child].key >= ring.key) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = ring;
  }
}
