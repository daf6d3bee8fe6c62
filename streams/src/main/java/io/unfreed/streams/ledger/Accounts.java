package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;

/**
 * The books of a ledger: what the opening and closing of a block changes in the totals and in the
 * counters of its entry, and which blocks are certain. Which block it was is not known here. Not
 * thread-safe.
 */
final class Accounts {
  private static final int SNAPSHOT_VERSION = 1;

  /** More than any address space holds; more in one size is cut to it. */
  static final long LARGEST_BYTES = 1L << 57;

  /**
   * What blocks may hold together; mappings come on top, at most as much as {@link MappingTable}
   * has addresses. So nothing that is outstanding adds up to more than a number holds.
   */
  private static final long MOST_BYTES = 1L << 62;

  private final SizeRange sizes;
  private final boolean allSizes;
  private final StackCounters counters = new StackCounters();
  private final SlotTable slots = new SlotTable();
  private final LedgerTotals totals = new LedgerTotals();

  /** Blocks allocated at or before this moment may have been freed by a lost event. */
  private long doubtfulUntilNanos = Long.MIN_VALUE;

  /** The same, or the end of time when calls of the process are missing anyway. */
  private long certainAfterNanos = Long.MIN_VALUE;

  private boolean certainIsStale;

  /** Null when the stacks of releases are not recorded. */
  private Releasers releasers;

  /** Who releases what is released now. */
  private int releaser = Releasers.UNKNOWN;

  /** What is released now makes place for a new block of its own. */
  private boolean isMoving;

  /** Books whose per-entry counters cover allocations of passing size. */
  Accounts(SizeRange sizes) {
    this.sizes = sizes;
    this.allSizes = sizes.isAll();
  }

  LedgerTotals totals() {
    return totals;
  }

  StackCounters counters() {
    return counters;
  }

  /** What entries accumulate for their verdicts. */
  SlotTable slots() {
    return slots;
  }

  SizeRange sizes() {
    return sizes;
  }

  /** From now on it is counted who releases. */
  void countReleasers() {
    releasers = new Releasers();
  }

  /** Null when it is not counted who releases. */
  Releasers releasers() {
    return releasers;
  }

  int releaser() {
    return releaser;
  }

  /** Says who releases what is released from now on. */
  void releaser(int number) {
    releaser = number;
  }

  /** Says whether a realloc makes a new block of what is released from now on. */
  void moving(boolean moves) {
    isMoving = moves;
  }

  /**
   * The size that counts for a block: between 0 and the largest, and not more than the blocks may
   * still hold. One that says anything else is counted.
   */
  long bounded(long sizeBytes) {
    if (sizeBytes >= 0
        && sizeBytes <= LARGEST_BYTES
        && totals.outstandingBytes + sizeBytes <= MOST_BYTES) {
      return sizeBytes;
    }
    totals.boundedSizes++;
    long left = Math.clamp(MOST_BYTES - totals.outstandingBytes, 0L, LARGEST_BYTES);
    return Math.clamp(sizeBytes, 0L, left);
  }

  /** The pages that count for a mapping of this length; no length is counted as for blocks. */
  long boundedLength(long lengthBytes) {
    if (lengthBytes < 0 || lengthBytes > LARGEST_BYTES) {
      totals.boundedSizes++;
    }
    return MappingTable.roundUp(lengthBytes);
  }

  /**
   * When a block was born for its verdict: a realloc's where the block was that it was made of, if
   * that was in an earlier tick.
   */
  long birth(long chainBirth, long timeNanos) {
    return slots.isEarlierTick(chainBirth, timeNanos) ? chainBirth : timeNanos;
  }

  /** One more outstanding block. */
  void opened(int entry, long sizeBytes, long timeNanos) {
    opened(entry, sizeBytes, timeNanos, timeNanos);
  }

  /** The same, born for its verdict at another time. */
  void opened(int entry, long sizeBytes, long birth, long timeNanos) {
    totals.allocations++;
    totals.allocatedBytes = Sums.of(totals.allocatedBytes, sizeBytes);
    totals.outstandingCount++;
    totals.outstandingBytes += sizeBytes;
    if (totals.outstandingBytes > totals.peakBytes) {
      totals.peakBytes = totals.outstandingBytes;
    }
    boolean counted = passes(sizeBytes);
    counters.open(entry, sizeBytes, certainPart(timeNanos, sizeBytes), counted);
    if (counted) {
      slots.born(entry, birth, sizeBytes, timeNanos);
    }
  }

  /** A whole block was released. */
  void freed(
      int entry, long sizeBytes, long allocatedAt, long birth, boolean temporary, long timeNanos) {
    closed(entry, sizeBytes, allocatedAt, birth, StackCounters.FREES, timeNanos);
    countFree(entry, sizeBytes, temporary, timeNanos - birth);
  }

  /** The free of a block was missed: its address was allocated again. */
  void superseded(int entry, long sizeBytes, long allocatedAt, long birth, long timeNanos) {
    closed(entry, sizeBytes, allocatedAt, birth, StackCounters.SUPERSEDED, timeNanos);
    totals.superseded++;
  }

  /** An outstanding mapping lost some bytes, perhaps its last. */
  void shrunk(int entry, MappingTable.Cut cut, long timeNanos) {
    MappingTable.Mapping mapping = cut.mapping();
    totals.outstandingBytes -= cut.bytes();
    counters.shrink(entry, cut.bytes(), certainPart(mapping.timeNanos, cut.bytes()));
    if (cut.bytes() > 0 && passes(mapping.lengthBytes)) {
      slots.shrunk(entry, mapping.timeNanos, cut.bytes(), timeNanos);
    }
  }

  /** A mapping, of which no byte is left, is outstanding no more. */
  void unmapped(int entry, MappingTable.Mapping mapping, boolean temporary, long timeNanos) {
    totals.outstandingCount--;
    boolean counted = passes(mapping.lengthBytes);
    counters.close(entry, 0, 0, StackCounters.FREES, counted);
    if (counted) {
      slots.freed(entry, mapping.timeNanos, 0, timeNanos);
    }
    countFree(entry, mapping.lengthBytes, temporary, timeNanos - mapping.timeNanos);
  }

  /** A block of this size goes with the image of its process; {@link #allClosed} does the rest. */
  void closedByExec(int entry, long sizeBytes) {
    if (passes(sizeBytes)) {
      counters.add(entry, StackCounters.CLOSED_BY_EXEC, 1);
    }
  }

  /** All blocks go with the image of their process, without being told one by one. */
  void allClosedByExec() {
    for (int entry = 0; entry < counters.entries(); entry++) {
      long blocks = counters.get(entry, StackCounters.OUTSTANDING_COUNT);
      counters.add(entry, StackCounters.CLOSED_BY_EXEC, blocks);
    }
  }

  /** Nothing is outstanding any more. */
  void allClosed() {
    for (int entry = 0; entry < counters.entries(); entry++) {
      boolean isForgotten = slots.forget(entry);
      if (isForgotten || counters.get(entry, StackCounters.OUTSTANDING_COUNT) != 0) {
        counters.touch(entry);
      }
      counters.put(entry, StackCounters.OUTSTANDING_BYTES, 0);
      counters.put(entry, StackCounters.OUTSTANDING_COUNT, 0);
      counters.put(entry, StackCounters.CERTAIN_BYTES, 0);
    }
    totals.closedByExec += totals.outstandingCount;
    totals.outstandingCount = 0;
    totals.outstandingBytes = 0;
  }

  /** Events were lost: blocks allocated at or before {@code toNanos} are no longer certain. */
  void lost(long events, long toNanos) {
    totals.lostEvents = Sums.of(totals.lostEvents, Math.max(0, events));
    doubtfulUntilNanos = Math.max(doubtfulUntilNanos, toNanos);
    certainAfter(Math.max(certainAfterNanos, toNanos));
  }

  /** Whether calls of the process are missing: then no block is certain. */
  void seenInPart(boolean inPart) {
    certainAfter(inPart ? Long.MAX_VALUE : doubtfulUntilNanos);
  }

  /** Blocks allocated until then may have been freed by a lost event; null when none was lost. */
  Long doubtfulUntil() {
    return doubtfulUntilNanos == Long.MIN_VALUE ? null : (Long) doubtfulUntilNanos;
  }

  private void certainAfter(long nanos) {
    certainIsStale |= nanos != certainAfterNanos;
    certainAfterNanos = nanos;
  }

  /** Whether a block allocated then is certain while outstanding. */
  boolean isCertain(long allocatedAt) {
    return allocatedAt > certainAfterNanos;
  }

  /** Counts the certain bytes anew when a loss has changed them; {@code blocks} walks over all. */
  void refreshCertain(BlockWalk blocks) {
    if (!certainIsStale) {
      return;
    }
    certainIsStale = false;
    long[] certain = new long[counters.entries()];
    blocks.forEach((entry, time, size, left) -> certain[entry] += certainPart(time, left));
    for (int entry = 0; entry < certain.length; entry++) {
      if (counters.get(entry, StackCounters.CERTAIN_BYTES) != certain[entry]) {
        counters.put(entry, StackCounters.CERTAIN_BYTES, certain[entry]);
        counters.touch(entry);
      }
    }
  }

  /** A walk over all outstanding blocks. */
  interface BlockWalk {
    void forEach(EntryView.BlockVisitor visitor);
  }

  private void closed(
      int entry, long sizeBytes, long allocatedAt, long birth, int reason, long timeNanos) {
    totals.outstandingCount--;
    totals.outstandingBytes -= sizeBytes;
    boolean counted = passes(sizeBytes);
    counters.close(entry, sizeBytes, certainPart(allocatedAt, sizeBytes), reason, counted);
    if (counted && isMoving) {
      slots.moved(entry, birth, sizeBytes, timeNanos);
    } else if (counted) {
      slots.freed(entry, birth, sizeBytes, timeNanos);
    }
  }

  private void countFree(int entry, long sizeBytes, boolean temporary, long lifetimeNanos) {
    totals.frees++;
    if (temporary) {
      totals.temporaryAllocations++;
    }
    if (passes(sizeBytes)) {
      counters.lived(entry, isMoving ? 0 : lifetimeNanos);
      if (temporary) {
        counters.wasTemporary(entry);
      }
      if (isMoving) {
        counters.wasMoved(entry);
      }
      if (releasers != null) {
        releasers.freed(entry, releaser);
      }
    }
  }

  private boolean passes(long sizeBytes) {
    return allSizes || sizes.passes(sizeBytes);
  }

  private long certainPart(long allocatedAt, long sizeBytes) {
    return isCertain(allocatedAt) ? sizeBytes : 0;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    totals.snapshotTo(out);
    counters.snapshotTo(out);
    slots.snapshotTo(out);
    out.put(doubtfulUntilNanos);
    out.put(certainAfterNanos);
    out.put(certainIsStale);
    out.put(releaser);
    out.put(releasers != null);
    if (releasers != null) {
      releasers.snapshotTo(out);
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "accounts");
    totals.restoreFrom(in);
    counters.restoreFrom(in);
    slots.restoreFrom(in);
    doubtfulUntilNanos = in.getLong();
    certainAfterNanos = in.getLong();
    certainIsStale = in.getBoolean();
    releaser = in.getInt();
    if (in.getBoolean()) {
      countReleasers();
      releasers.restoreFrom(in);
    }
  }
}
