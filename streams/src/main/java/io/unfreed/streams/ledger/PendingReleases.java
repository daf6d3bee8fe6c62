package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The releases that threads have begun, at most one each. Not thread-safe. */
final class PendingReleases {
  private static final int SNAPSHOT_VERSION = 1;

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

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(begun.size());
    for (Pending pending : begun) {
      out.put(pending.thread);
      out.put(pending.mapping);
      out.put(pending.address);
      out.put(pending.lengthBytes);
      out.put(pending.firstLaterMapping);
      out.put(pending.releaser);
      out.put(pending.temporary);
      out.put(pending.justMapped);
      out.put(pending.state.name());
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "pending releases");
    for (int count = in.getCount(); count > 0; count--) {
      int thread = in.getInt();
      boolean mapping = in.getBoolean();
      Pending pending = begin(thread, in.getLong(), true);
      pending.mapping = mapping;
      pending.lengthBytes = in.getLong();
      pending.firstLaterMapping = in.getLong();
      pending.releaser = in.getInt();
      pending.temporary = in.getBoolean();
      pending.justMapped = in.getLong();
      pending.state = Pending.State.valueOf(in.getText());
    }
  }
}
