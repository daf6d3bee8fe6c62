package io.unfreed.streams.lane;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.LedgerTotals;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.verdict.Accumulation;
import io.unfreed.streams.verdict.Histogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What a lane's ledger amounts to, in all and by stack. Not thread-safe. */
final class LaneBooks {
  private static final int SNAPSHOT_VERSION = 1;

  /** A block with its share of everything else, between two growths of its table. */
  private static final long BYTES_PER_BLOCK = 48;

  /** A stack with its counters, lifetimes and what it accumulated. */
  private static final long BYTES_PER_ENTRY = 1500;

  private final LaneOptions options;
  private final Ledger ledger;
  private final BudgetShare share;
  private final Map<StackKey, Integer> entryOfKey = new HashMap<>();
  private final List<StackKey> keys = new ArrayList<>();
  private final LaneSums sums = new LaneSums();

  /** Null when the lane has no stacks of releases. */
  private ReleaserNumbers releasers;

  /** Whether the next statement lists every stack, changed or not. */
  private boolean statesAll;

  /** Events that are known to be missing behind the last batch. */
  private long missingTail;

  private long statedStacks;

  /** Every call of every thread is seen here. */
  private boolean followsThreads;

  LaneBooks(LaneOptions options, Ledger ledger, BudgetShare share) {
    this.options = options;
    this.ledger = ledger;
    this.share = share;
  }

  /** The ledger's entry of a stack in a space; a new one for a stack that is new. */
  int entry(StackKey key) {
    Integer known = entryOfKey.putIfAbsent(key, keys.size());
    if (known != null) {
      return known;
    }
    keys.add(key);
    ledger.ensureEntries(keys.size());
    return keys.size() - 1;
  }

  /** The stack and space of an entry. */
  StackKey key(int entry) {
    return keys.get(entry);
  }

  /** From now on it is told who releases. */
  void tellReleasers(ReleaserNumbers numbers) {
    releasers = numbers;
  }

  /** So many events are missing behind the last batch; 0 takes it back. */
  void missingTail(long events) {
    missingTail = events;
  }

  TotalsNumbers totals(BatchHeader header) {
    EntryView view = ledger.view();
    LedgerTotals t = ledger.totals();
    boolean oneLane = isOneLane(header);
    for (int entry : view.changedEntries()) {
      sums.update(entry, keys.get(entry).space(), view);
    }
    return new TotalsNumbers(
        new Counts(
            t.allocations(),
            t.frees(),
            t.superseded(),
            t.closedByExec(),
            t.allocatedBytes(),
            t.outstandingBytes(),
            t.outstandingCount(),
            sums.certainBytes()),
        new TotalsNumbers.OneLane(
            header.filtered() || !oneLane ? null : t.temporaryAllocations(),
            header.kernel() || TotalsNumbers.overlap(sums.bySpace()) || !oneLane
                ? null
                : t.peakBytes()),
        header.filtered() ? null : t.unmatchedFrees(),
        Sums.of(t.lostEvents(), missingTail),
        t.missingOutcomes(),
        missingTail > 0 ? Long.valueOf(Long.MAX_VALUE) : view.doubtfulUntil(),
        sums.distinct(),
        sums.bySpace(),
        share.degraded());
  }

  /** Memory that is taken, roughly. */
  long heldBytes() {
    return ledger.totals().outstandingCount() * BYTES_PER_BLOCK + keys.size() * BYTES_PER_ENTRY;
  }

  private static boolean isOneLane(BatchHeader header) {
    return header.laneCount() == 1;
  }

  /** The next statement lists every stack: nobody has heard the last ones. */
  void stateAll() {
    statesAll = true;
  }

  /**
   * Per-stack numbers as of a moment: all entries, or those that changed since the last call. What
   * it costs is what changed, but where blocks are selected by age or size.
   */
  List<StackNumbers> stacks(long momentNanos, BatchHeader header, boolean isOver) {
    EntryView view = ledger.view();
    boolean timed = header.tickNanos() > 0;
    followsThreads = isOneLane(header) && !header.filtered();
    Numbers numbers = numbers(view, momentNanos, isOver);
    List<StackNumbers> stacks = new ArrayList<>();
    if (statesAll || !options.changedOnly()) {
      for (int entry = 0; entry < view.entries(); entry++) {
        stacks.add(numbers.of(entry, timed));
      }
    } else {
      int[] changed = isOver ? withExits(view) : view.changedEntries();
      Arrays.sort(changed);
      for (int entry : changed) {
        stacks.add(numbers.of(entry, timed));
      }
    }
    statedStacks += stacks.size();
    if (options.changedOnly()) {
      view.forgetChanges();
      statesAll = false;
    }
    return stacks;
  }

  /** Numbers of every stack as of a moment; later statements are what they would have been. */
  List<StackNumbers> everyStack(long momentNanos, BatchHeader header) {
    EntryView view = ledger.view();
    boolean timed = header.tickNanos() > 0;
    followsThreads = isOneLane(header) && !header.filtered();
    Numbers numbers = numbers(view, momentNanos, false);
    return IntStream.range(0, view.entries()).mapToObj(entry -> numbers.of(entry, timed)).toList();
  }

  /** What went at the exit may have been stated as gone before it was known to be an exit. */
  private static int[] withExits(EntryView view) {
    return IntStream.concat(
            Arrays.stream(view.changedEntries()),
            IntStream.range(0, view.entries()).filter(view::hasGoneAtExit))
        .distinct()
        .toArray();
  }

  /** Stacks in all statements so far, for tests of what a statement costs. */
  long statedStacks() {
    return statedStacks;
  }

  /** Blocks that statements have visited so far, for the same. */
  long visitedBlocks() {
    return ledger.visitedBlocks();
  }

  private interface Numbers {
    StackNumbers of(int entry, boolean timed);
  }

  private Numbers numbers(EntryView view, long momentNanos, boolean isOver) {
    if (!options.selects()) {
      return (entry, timed) ->
          numbers(
              view,
              entry,
              counts(
                  view,
                  entry,
                  view.outstandingBytes(entry),
                  view.outstandingCount(entry),
                  view.certainBytes(entry)),
              ages(view, entry, timed ? view.oldestTimeNanos(entry) : null),
              view.accumulation(entry, isOver));
    }
    EntryView.Selection selection = view.select(momentNanos, options.olderNanos());
    return (entry, timed) ->
        numbers(
            view,
            entry,
            counts(
                view,
                entry,
                selection.bytes(entry),
                selection.count(entry),
                selection.certainBytes(entry)),
            ages(view, entry, timed ? selection.oldestTimeNanos(entry) : null),
            view.accumulation(entry, isOver));
  }

  private static Counts counts(EntryView view, int entry, long bytes, long count, long certain) {
    return new Counts(
        view.allocations(entry),
        view.frees(entry),
        view.superseded(entry),
        view.closedByExec(entry),
        view.allocatedBytes(entry),
        bytes,
        count,
        certain);
  }

  private static Ages ages(EntryView view, int entry, Long oldestTimeNanos) {
    return new Ages(oldestTimeNanos, Histogram.of(view.lifetimes(entry)));
  }

  private StackNumbers numbers(
      EntryView view, int entry, Counts counts, Ages ages, Accumulation accumulation) {
    return new StackNumbers(
        keys.get(entry),
        counts,
        view.outstandingCount(entry),
        ages,
        new Releases(followsThreads ? view.temporaryAllocations(entry) : null, view.moved(entry)),
        accumulation,
        null,
        releasers == null ? null : releasers.freedBy(view.releasers(), entry));
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(statesAll);
    out.put(keys.size());
    for (StackKey key : keys) {
      out.put(key.space().ordinal());
      out.put(key.stackId().high());
      out.put(key.stackId().low());
    }
    sums.snapshotTo(out);
  }

  /** Takes the keys; the ledger is restored by itself. */
  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "books");
    statesAll = in.getBoolean();
    int count = in.getCount();
    for (int i = 0; i < count; i++) {
      AddressSpace space = AddressSpace.ALL.get(in.getInt());
      StackKey key = new StackKey(new StackId(in.getLong(), in.getLong()), space);
      entryOfKey.put(key, keys.size());
      keys.add(key);
    }
    sums.restoreFrom(in);
  }
}
