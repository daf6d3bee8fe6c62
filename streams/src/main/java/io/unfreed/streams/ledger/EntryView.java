package io.unfreed.streams.ledger;

import io.unfreed.streams.verdict.Accumulation;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Reads a ledger's entries between two events. Valid until the next event. Ages are judged at the
 * moment given; below 0 counts as 0.
 */
public final class EntryView {
  /** What a walk over the outstanding blocks calls. */
  interface BlockVisitor {
    /** One block: when allocated, the size it was allocated with, and what is left of it. */
    void block(int entry, long timeNanos, long sizeBytes, long leftBytes);
  }

  private final StackCounters counters;
  private final SizeRange sizes;
  private final Consumer<BlockVisitor> blocks;
  private final LongPredicate certain;
  private final Releasers releasers;
  private final SlotTable slots;
  private final Long doubtfulUntil;
  private final OldestBirths births;

  EntryView(
      StackCounters counters,
      SizeRange sizes,
      Consumer<BlockVisitor> blocks,
      LongPredicate certain,
      Releasers releasers,
      SlotTable slots,
      Long doubtfulUntil,
      OldestBirths births) {
    this.counters = counters;
    this.sizes = sizes;
    this.blocks = blocks;
    this.certain = certain;
    this.releasers = releasers;
    this.slots = slots;
    this.doubtfulUntil = doubtfulUntil;
    this.births = births;
  }

  /** Number of entries. */
  public int entries() {
    return counters.entries();
  }

  /** Entries that changed since the last {@link #forgetChanges}. */
  public int[] changedEntries() {
    return counters.changedEntries();
  }

  /** From now on, changes are those after this call. */
  public void forgetChanges() {
    counters.forgetChanges();
  }

  public long outstandingBytes(int entry) {
    return counters.get(entry, StackCounters.OUTSTANDING_BYTES);
  }

  public long outstandingCount(int entry) {
    return counters.get(entry, StackCounters.OUTSTANDING_COUNT);
  }

  public long allocations(int entry) {
    return counters.get(entry, StackCounters.ALLOCATIONS);
  }

  public long frees(int entry) {
    return counters.get(entry, StackCounters.FREES);
  }

  public long superseded(int entry) {
    return counters.get(entry, StackCounters.SUPERSEDED);
  }

  public long closedByExec(int entry) {
    return counters.get(entry, StackCounters.CLOSED_BY_EXEC);
  }

  public long allocatedBytes(int entry) {
    return counters.get(entry, StackCounters.ALLOCATED_BYTES);
  }

  public long certainBytes(int entry) {
    return counters.get(entry, StackCounters.CERTAIN_BYTES);
  }

  /** Of {@link #frees}, those by the very next event of their thread; null when not counted. */
  public Long temporaryAllocations(int entry) {
    return counters.temporary(entry);
  }

  /** Of {@link #frees}, those by a realloc that made a new block; null when not counted. */
  public Long moved(int entry) {
    return counters.moved(entry);
  }

  /** Who released the blocks that {@link #frees} counts; null when that is not counted. */
  public Releasers releasers() {
    return releasers;
  }

  /**
   * What an entry has accumulated; null before its first block.
   *
   * @param isOver its process is over: what an exit released is taken as still there
   */
  public Accumulation accumulation(int entry, boolean isOver) {
    return slots.accumulation(entry, isOver);
  }

  /** Whether that differs when the entry's process is over. */
  public boolean hasGoneAtExit(int entry) {
    return slots.hasGoneAtExit(entry);
  }

  /** Blocks allocated until then may have been freed by a lost event; null when none was lost. */
  public Long doubtfulUntil() {
    return doubtfulUntil;
  }

  /** When the oldest block was allocated, null if there is none; where it is followed. */
  public Long oldestTimeNanos(int entry) {
    return births.oldest(entry);
  }

  /** Released blocks by lifetime, see {@link Log2Buckets}; trailing zeros cut. */
  public long[] lifetimes(int entry) {
    return counters.lifetimes(entry);
  }

  /**
   * Walks over all outstanding blocks once and adds up, by entry, those that pass the size filter
   * of the ledger and are at least {@code olderNanos} old at {@code momentNanos}.
   */
  public Selection select(long momentNanos, long olderNanos) {
    Selection selection = new Selection(entries());
    blocks.accept((entry, time, size, left) -> {
      long age = Math.max(0, momentNanos - time);
      if (age >= olderNanos && sizes.passes(size)) {
        selection.add(entry, time, left, certain.test(time));
      }
    });
    return selection;
  }

  /** Outstanding blocks that passed, by entry. */
  public static final class Selection {
    private final long[] bytes;
    private final long[] count;
    private final long[] certainBytes;
    private final long[] oldestTimeNanos;

    private Selection(int entries) {
      bytes = new long[entries];
      count = new long[entries];
      certainBytes = new long[entries];
      oldestTimeNanos = new long[entries];
      Arrays.fill(oldestTimeNanos, Long.MAX_VALUE);
    }

    private void add(int entry, long time, long left, boolean certain) {
      bytes[entry] += left;
      count[entry]++;
      certainBytes[entry] += certain ? left : 0;
      oldestTimeNanos[entry] = Math.min(oldestTimeNanos[entry], time);
    }

    public long bytes(int entry) {
      return bytes[entry];
    }

    public long count(int entry) {
      return count[entry];
    }

    public long certainBytes(int entry) {
      return certainBytes[entry];
    }

    /** Allocation time of the oldest block; null where there is none. */
    public Long oldestTimeNanos(int entry) {
      return count[entry] == 0 ? null : oldestTimeNanos[entry];
    }
  }
}
