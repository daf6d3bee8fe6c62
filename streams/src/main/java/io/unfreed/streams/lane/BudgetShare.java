package io.unfreed.streams.lane;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;

/** What one lane takes of the budget, and what became of the lane for it. Not thread-safe. */
final class BudgetShare {
  private final LaneBudget budget;

  /** What the budget was told. */
  private long heldBlocks;

  /** Whether it was ever too much. */
  private boolean isDegraded;

  private Long fromNanos;
  private Long toNanos;
  private long uncountedEvents;

  BudgetShare(LaneBudget budget) {
    this.budget = budget;
  }

  /** The lane holds so many blocks now. */
  void holds(long blocks) {
    budget.changed(heldBlocks, blocks);
    heldBlocks = blocks;
  }

  /** Whether these are too many. */
  boolean isTooMuch() {
    return budget.isTooMuch(heldBlocks);
  }

  /** From now on the lane's blocks are not followed; null when nothing has a time. */
  void gaveUp(Long atNanos) {
    fromNanos = isDegraded ? fromNanos : atNanos;
    toNanos = null;
    isDegraded = true;
  }

  /** An event about blocks came meanwhile. */
  void didNotCount() {
    uncountedEvents++;
  }

  /** From now on they are followed again. */
  void goesOn(long atNanos) {
    toNanos = atNanos;
  }

  /** Since when the lane was not followed, and whether it is again; null when it always was. */
  Degraded degraded() {
    return isDegraded ? new Degraded(1, fromNanos, toNanos, uncountedEvents) : null;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(isDegraded);
    put(out, fromNanos);
    put(out, toNanos);
    out.put(uncountedEvents);
  }

  void restoreFrom(SnapshotIn in) {
    isDegraded = in.getBoolean();
    fromNanos = getNullable(in);
    toNanos = getNullable(in);
    uncountedEvents = in.getLong();
  }

  private static void put(SnapshotOut out, Long nanos) {
    out.put(nanos != null);
    out.put(nanos == null ? 0 : nanos);
  }

  private static Long getNullable(SnapshotIn in) {
    boolean isThere = in.getBoolean();
    long nanos = in.getLong();
    return isThere ? (Long) nanos : null;
  }
}
