package io.unfreed.streams.lane;

import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.LedgerTotals;
import io.unfreed.streams.verdict.Histogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a lane's ledger amounts to, in all and by stack. Not thread-safe. */
final class LaneBooks {
  private static final int SPACES = AddressSpace.ALL.size();

  private final LaneOptions options;
  private final Ledger ledger;
  private final Map<StackKey, Integer> entryOfKey = new HashMap<>();
  private final List<StackKey> keys = new ArrayList<>();
  private long[][] lastAges = new long[0][];

  /** Null when the lane has no stacks of releases. */
  private ReleaserNumbers releasers;

  /** Whether the next statement lists every stack, changed or not. */
  private boolean statesAll;

  /** Events that are known to be missing behind the last batch. */
  private long missingTail;

  LaneBooks(LaneOptions options, Ledger ledger) {
    this.options = options;
    this.ledger = ledger;
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
    boolean oneLane = header.laneCount() == 1;
    long certain = 0;
    int distinct = 0;
    long[] bytes = new long[SPACES];
    long[] count = new long[SPACES];
    boolean[] used = new boolean[SPACES];
    for (int entry = 0; entry < view.entries(); entry++) {
      int space = keys.get(entry).space().ordinal();
      certain += view.certainBytes(entry);
      distinct += view.outstandingCount(entry) > 0 ? 1 : 0;
      bytes[space] += view.outstandingBytes(entry);
      count[space] += view.outstandingCount(entry);
      used[space] = true;
    }
    List<TotalsNumbers.SpaceNumbers> bySpace = new ArrayList<>();
    for (AddressSpace space : AddressSpace.ALL) {
      int i = space.ordinal();
      if (used[i]) {
        bySpace.add(new TotalsNumbers.SpaceNumbers(space, bytes[i], count[i]));
      }
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
            certain),
        new TotalsNumbers.OneLane(
            header.filtered() || !oneLane ? null : t.temporaryAllocations(),
            header.kernel() || !oneLane ? null : t.peakBytes()),
        header.filtered() ? null : t.unmatchedFrees(),
        t.lostEvents() + missingTail,
        t.missingOutcomes(),
        missingTail > 0 ? Long.valueOf(Long.MAX_VALUE) : view.doubtfulUntil(),
        distinct,
        bySpace);
  }

  /** The next statement lists every stack: nobody has heard the last ones. */
  void stateAll() {
    statesAll = true;
  }

  /** Per-stack numbers as of a moment: all entries, or those that changed since the last call. */
  List<StackNumbers> stacks(long momentNanos, boolean timed, boolean isOver) {
    EntryView view = ledger.view();
    EntryView.Selection selection = view.select(momentNanos, options.olderNanos());
    List<StackNumbers> stacks = new ArrayList<>();
    if (!options.changedOnly()) {
      for (int entry = 0; entry < view.entries(); entry++) {
        stacks.add(numbers(view, selection, entry, timed, isOver));
      }
      return stacks;
    }
    boolean[] changed = new boolean[view.entries()];
    Arrays.fill(changed, statesAll);
    statesAll = false;
    for (int entry : view.changedEntries()) {
      changed[entry] = true;
    }
    view.forgetChanges();
    if (lastAges.length < changed.length) {
      lastAges = Arrays.copyOf(lastAges, Math.max(changed.length, lastAges.length * 2));
    }
    for (int entry = 0; entry < changed.length; entry++) {
      long[] ages = timed ? selection.ages(entry) : new long[0];
      changed[entry] |= isOver && view.hasGoneAtExit(entry);
      if (changed[entry] || !Arrays.equals(ages, lastAges[entry])) {
        lastAges[entry] = ages;
        stacks.add(numbers(view, selection, entry, timed, isOver));
      }
    }
    return stacks;
  }

  private StackNumbers numbers(
      EntryView view, EntryView.Selection selection, int entry, boolean timed, boolean isOver) {
    return new StackNumbers(
        keys.get(entry),
        new Counts(
            view.allocations(entry),
            view.frees(entry),
            view.superseded(entry),
            view.closedByExec(entry),
            view.allocatedBytes(entry),
            selection.bytes(entry),
            selection.count(entry),
            selection.certainBytes(entry)),
        view.outstandingCount(entry),
        new Ages(
            timed ? selection.oldestTimeNanos(entry) : null,
            Histogram.of(timed ? selection.ages(entry) : new long[0]),
            Histogram.of(view.lifetimes(entry))),
        view.accumulation(entry, isOver),
        null,
        releasers == null ? null : releasers.freedBy(view.releasers(), entry));
  }
}
