package io.unfreed.streams.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The releases that threads have begun, at most one each. Not thread-safe. */
final class PendingReleases {
  private final List<Pending> begun = new ArrayList<>();
  private final List<Pending> spare = new ArrayList<>();
  private Pending[] ofThread = {};

  boolean isEmpty() {
    return begun.isEmpty();
  }

  /** What a thread has begun, or null. */
  Pending of(int thread) {
    return begun.isEmpty() || thread >= ofThread.length ? null : ofThread[thread];
  }

  /** A copy of all, in the order of their beginning. */
  List<Pending> all() {
    return List.copyOf(begun);
  }

  /** A thread has begun to release a heap block. */
  Pending beginHeap(int thread, long address, boolean temporary, boolean known) {
    Pending pending = begin(thread, address, known);
    pending.mapping = false;
    pending.lengthBytes = 0;
    pending.firstLaterMapping = 0;
    pending.temporary = temporary;
    pending.justMapped = -1;
    return pending;
  }

  /** A thread has begun to release a range of mappings. */
  Pending beginRange(
      int thread, long address, long lengthBytes, MappingTable mappings, long justMapped) {
    Pending pending = begin(thread, address, mappings.touches(address, lengthBytes));
    pending.mapping = true;
    pending.lengthBytes = lengthBytes;
    pending.firstLaterMapping = mappings.nextNumber();
    pending.temporary = false;
    pending.justMapped = justMapped;
    return pending;
  }

  /** A release is over; the object is not touched before the next one begins. */
  void forget(Pending pending) {
    begun.remove(pending);
    ofThread[pending.thread] = null;
    spare.add(pending);
  }

  /** The release that holds the heap block at an address, or null. */
  Pending holding(long heapAddress) {
    for (int i = 0; i < begun.size(); i++) {
      if (begun.get(i).holdsHeap(heapAddress)) {
        return begun.get(i);
      }
    }
    return null;
  }

  /** Whether the end of this piece is what a thread, which has just mapped it, is unmapping. */
  boolean takes(MappingTable.Cut cut) {
    return begun.stream()
        .anyMatch(p -> p.justMapped == cut.mapping().number && p.covers(cut.end() - 1));
  }

  /** Threads have other indices from now on. */
  void renumber(int[] threads) {
    spare.clear();
    ofThread = new Pending[0];
    for (Pending pending : begun) {
      pending.thread = threads[pending.thread];
      put(pending);
    }
  }

  private void put(Pending pending) {
    int thread = pending.thread;
    if (thread >= ofThread.length) {
      ofThread = Arrays.copyOf(ofThread, Math.max(thread + 1, ofThread.length * 2));
    }
    ofThread[thread] = pending;
  }

  private Pending begin(int thread, long address, boolean known) {
    Pending pending = spare.isEmpty() ? new Pending() : spare.removeLast();
    pending.thread = thread;
    pending.address = address;
    pending.state = known ? Pending.State.HELD : Pending.State.UNKNOWN;
    put(pending);
    begun.add(pending);
    return pending;
  }
}
