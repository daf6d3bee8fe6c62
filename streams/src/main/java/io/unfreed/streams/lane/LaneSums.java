package io.unfreed.streams.lane;

import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sums over all stacks of a lane, brought up to date from the stacks that changed. Not thread-safe.
 */
final class LaneSums {
  private static final int SNAPSHOT_VERSION = 1;
  private static final int SPACES = AddressSpace.ALL.size();
  private static final int WORDS = 3;

  private final long[] bytes = new long[SPACES];
  private final long[] count = new long[SPACES];
  private final boolean[] used = new boolean[SPACES];
  private long certainBytes;
  private int distinct;

  /** By entry: outstanding bytes, their count, certain bytes, as they were added. */
  private long[] added = {};

  /** Certain bytes of all stacks. */
  long certainBytes() {
    return certainBytes;
  }

  /** Stacks with outstanding blocks. */
  int distinct() {
    return distinct;
  }

  /** Spaces in which something was ever allocated. */
  List<TotalsNumbers.SpaceNumbers> bySpace() {
    List<TotalsNumbers.SpaceNumbers> bySpace = new ArrayList<>();
    for (AddressSpace space : AddressSpace.ALL) {
      int i = space.ordinal();
      if (used[i]) {
        bySpace.add(new TotalsNumbers.SpaceNumbers(space, bytes[i], count[i]));
      }
    }
    return bySpace;
  }

  /** Takes what an entry has now in the place of what it had. */
  void update(int entry, AddressSpace space, EntryView view) {
    int at = entry * WORDS;
    if (at >= added.length) {
      added = Arrays.copyOf(added, Math.max(at + WORDS, added.length * 2));
    }
    int i = space.ordinal();
    used[i] = true;
    bytes[i] += view.outstandingBytes(entry) - added[at];
    count[i] += view.outstandingCount(entry) - added[at + 1];
    certainBytes += view.certainBytes(entry) - added[at + 2];
    distinct += Long.signum(view.outstandingCount(entry)) - Long.signum(added[at + 1]);
    added[at] = view.outstandingBytes(entry);
    added[at + 1] = view.outstandingCount(entry);
    added[at + 2] = view.certainBytes(entry);
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(certainBytes);
    out.put(distinct);
    out.put(SPACES);
    for (int space = 0; space < SPACES; space++) {
      out.put(used[space]);
      out.put(bytes[space]);
      out.put(count[space]);
    }
    out.putAll(added);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "sums");
    certainBytes = in.getLong();
    distinct = in.getInt();
    int spaces = in.getCount();
    for (int space = 0; space < spaces; space++) {
      used[space] = in.getBoolean();
      bytes[space] = in.getLong();
      count[space] = in.getLong();
    }
    added = in.getAll();
  }
}
