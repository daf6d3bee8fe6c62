package io.unfreed.streams.lane;

import io.unfreed.streams.verdict.Histogram;

import static io.unfreed.streams.ledger.AddressSpace.HEAP;
import static io.unfreed.streams.ledger.AddressSpace.MAPPING;
import static io.unfreed.streams.ledger.AddressSpace.PAGE;
import static io.unfreed.streams.ledger.AddressSpace.PERCPU;
import static io.unfreed.streams.ledger.AddressSpace.SLAB;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.AddressesAhead;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.LedgerTotals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A ledger fed from event batches: stack ids become entries, numbers become statements. */
final class LaneLedger {
  /** Whether the lane has more to say after an event. */
  enum Life {
    GOES_ON,
    ENDED
  }

  private static final int UNRESOLVED = -1;

  /** Events whose blocks are fetched into the cache at a time. */
  private static final int LOOK_AHEAD = 64;

  private final LaneOptions options;
  private final Ledger ledger;
  private final Map<StackKey, Integer> entryOfKey = new HashMap<>();
  private final List<StackKey> keys = new ArrayList<>();
  private long[][] lastAges = new long[0][];

  /** By space and stack reference of the current batch. */
  private final int[][] entryOfRef = new int[AddressSpace.ALL.size()][];

  private List<StackId> batchStacks = List.of();
  private boolean hasBegun;

  /** Null when the lane has no stacks of releases. */
  private ReleaserNumbers releasers;

  /** What the batch says of the process's recording, as of its end and since an exec in it. */
  private boolean batchIsInPart;

  private int largestSpace;
  private final AddressesAhead ahead = new AddressesAhead(LOOK_AHEAD);
  private int sinceLookAhead;

  /** Whether the next statement lists every stack, changed or not. */
  private boolean statesAll;

  /** Events that are known to be missing behind the last batch. */
  private long missingTail;

  /** Written only, so that the compiler keeps the reads. */
  private long unusedTouches;

  LaneLedger(LaneOptions options) {
    this.options = options;
    this.ledger = new Ledger(options.sizes());
  }

  /** Makes ready for the events of a batch. */
  void begin(EventCursor cursor) {
    batchStacks = cursor.stacks();
    batchIsInPart = RecordedFrom.isInPart(cursor.header().process());
    if (!hasBegun) {
      hasBegun = true;
      ledger.seenInPart(batchIsInPart);
      if (cursor.header().freeStacks()) {
        releasers = new ReleaserNumbers();
        ledger.countReleasers();
      }
    }
    if (releasers != null) {
      releasers.begin(cursor);
    }
    largestSpace = ledger.spaceBeyondCache();
    sinceLookAhead = LOOK_AHEAD;
    for (int space = 0; space < entryOfRef.length; space++) {
      int[] refs = entryOfRef[space];
      if (refs == null || refs.length < batchStacks.size()) {
        refs = new int[Math.max(16, batchStacks.size())];
        entryOfRef[space] = refs;
      }
      Arrays.fill(refs, 0, batchStacks.size(), UNRESOLVED);
    }
  }

  /** Applies the event under the cursor; losses are told with {@link #lost}. */
  Life apply(EventCursor e) {
    long time = e.timeNanos();
    int tid = e.thread();
    if (largestSpace >= 0 && sinceLookAhead++ == LOOK_AHEAD) {
      lookAhead(e);
    }
    if (releasers != null) {
      ledger.releaser(releasers.number(e));
    }
    switch (e.code()) {
      case EventCodes.ALLOC_HEAP -> alloc(HEAP, e);
      case EventCodes.FREE_HEAP -> ledger.free(HEAP.ordinal(), e.address(), tid, time);
      case EventCodes.INTENT_HEAP -> ledger.heapIntent(e.address(), tid, time);
      case EventCodes.OUTCOME_HEAP ->
          ledger.heapOutcome(entryOfOutcome(HEAP, e), e.address(), e.value(), tid, time);
      case EventCodes.OUTCOME_FAILED -> ledger.outcomeFailed(tid);
      case EventCodes.MAP -> ledger.map(entry(MAPPING, e), e.address(), e.value(), tid, time);
      case EventCodes.UNMAP -> ledger.unmap(e.address(), e.value(), tid, time);
      case EventCodes.INTENT_MAPPING -> ledger.mappingIntent(e.address(), e.value(), tid, time);
      case EventCodes.OUTCOME_MAPPING ->
          ledger.mappingOutcome(entryOfOutcome(MAPPING, e), e.address(), e.value(), tid, time);
      case EventCodes.ALLOC_SLAB -> alloc(SLAB, e);
      case EventCodes.FREE_SLAB -> ledger.free(SLAB.ordinal(), e.address(), tid, time);
      case EventCodes.ALLOC_PAGE -> alloc(PAGE, e);
      case EventCodes.FREE_PAGE -> ledger.free(PAGE.ordinal(), e.address(), tid, time);
      case EventCodes.ALLOC_PERCPU -> alloc(PERCPU, e);
      case EventCodes.FREE_PERCPU -> ledger.free(PERCPU.ordinal(), e.address(), tid, time);
      case EventCodes.EXEC -> {
        ledger.exec(time);
        ledger.seenInPart(batchIsInPart);
      }
      case EventCodes.EXIT, EventCodes.END -> {
        ledger.settleAll(time);
        ledger.seenInPart(batchIsInPart);
        return Life.ENDED;
      }
      case EventCodes.LOST, EventCodes.MARK, EventCodes.FORK -> {}
      default -> throw new IllegalStateException("the cursor lets no code " + e.code() + " pass");
    }
    return Life.GOES_ON;
  }

  /** Every event of the batch was applied. */
  void end() {
    ledger.seenInPart(batchIsInPart);
  }

  /** Touches the blocks of the window that begins with the event under the cursor. */
  private void lookAhead(EventCursor e) {
    sinceLookAhead = 1;
    e.lookAhead(ahead);
    unusedTouches +=
        ledger.touch(
            largestSpace, ahead.taken(), ahead.takenCount(), ahead.placed(), ahead.placedCount());
  }

  /** Sizes that were cut because no address space holds them. */
  long boundedSizes() {
    return ledger.totals().boundedSizes();
  }

  void lost(long events, long toNanos) {
    ledger.lost(events, toNanos);
  }

  /**
   * So many events are missing behind the last batch, any of which could be the free of any block;
   * 0 takes it back.
   */
  void missingTail(long events) {
    missingTail = events;
    ledger.seenInPart(events > 0 || batchIsInPart);
  }

  TotalsNumbers totals(BatchHeader header) {
    EntryView view = ledger.view();
    LedgerTotals t = ledger.totals();
    boolean oneLane = header.laneCount() == 1;
    long certain = 0;
    int distinct = 0;
    long[] bytes = new long[entryOfRef.length];
    long[] count = new long[entryOfRef.length];
    boolean[] used = new boolean[entryOfRef.length];
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
        distinct,
        bySpace);
  }

  /** The next statement lists every stack: nobody has heard the last ones. */
  void stateAll() {
    statesAll = true;
  }

  /** Per-stack numbers as of a moment: all entries, or those that changed since the last call. */
  List<StackNumbers> stacks(long momentNanos, boolean timed) {
    EntryView view = ledger.view();
    EntryView.Selection selection = view.select(momentNanos, options.olderNanos());
    List<StackNumbers> stacks = new ArrayList<>();
    if (!options.changedOnly()) {
      for (int entry = 0; entry < view.entries(); entry++) {
        stacks.add(numbers(view, selection, entry, timed));
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
      if (changed[entry] || !Arrays.equals(ages, lastAges[entry])) {
        lastAges[entry] = ages;
        stacks.add(numbers(view, selection, entry, timed));
      }
    }
    return stacks;
  }

  private StackNumbers numbers(
      EntryView view, EntryView.Selection selection, int entry, boolean timed) {
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
        timed
            ? new Ages(
                selection.oldestTimeNanos(entry),
                Histogram.of(selection.ages(entry)),
                Histogram.of(view.lifetimes(entry)))
            : Ages.UNKNOWN,
        false,
        releasers == null ? null : releasers.freedBy(view.releasers(), entry));
  }

  private void alloc(AddressSpace space, EventCursor e) {
    ledger.alloc(
        space.ordinal(), entry(space, e), e.address(), e.value(), e.thread(), e.timeNanos());
  }

  private int entry(AddressSpace space, EventCursor e) {
    int known = entryOfRef[space.ordinal()][e.stackRef()];
    return known != UNRESOLVED ? known : resolve(space, e.stackRef());
  }

  /** An outcome with address 0 places nothing, so its stack becomes no entry. */
  private int entryOfOutcome(AddressSpace space, EventCursor e) {
    return e.address() == 0 ? UNRESOLVED : entry(space, e);
  }

  private int resolve(AddressSpace space, int ref) {
    StackKey key = new StackKey(batchStacks.get(ref), space);
    Integer known = entryOfKey.putIfAbsent(key, keys.size());
    int entry = known == null ? keys.size() : known;
    if (known == null) {
      keys.add(key);
      ledger.ensureEntries(keys.size());
    }
    entryOfRef[space.ordinal()][ref] = entry;
    return entry;
  }
}
