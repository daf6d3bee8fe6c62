package io.unfreed.streams.lane;

import static io.unfreed.streams.ledger.AddressSpace.HEAP;
import static io.unfreed.streams.ledger.AddressSpace.MAPPING;
import static io.unfreed.streams.ledger.AddressSpace.PAGE;
import static io.unfreed.streams.ledger.AddressSpace.PERCPU;
import static io.unfreed.streams.ledger.AddressSpace.SLAB;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.AddressesAhead;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.BlockObserver;
import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import java.util.List;

/** Feeds a ledger from event batches: what each event is to it, and which entry its stack is. */
final class LaneLedger {
  /** Version 1 did not say since when a lane was not followed. */
  private static final int SNAPSHOT_VERSION = 2;

  /** Whether the lane has more to say after an event. */
  enum Life {
    GOES_ON,
    ENDED,
    /** It does, and the event is of a kind that is not known here: nothing was done. */
    NOT_UNDERSTOOD
  }

  private static final int UNRESOLVED = -1;

  /** What stands for a tick where nothing has a time. */
  private static final long UNTIMED_TICK_BYTES = 4096;

  /** Events whose blocks are fetched into the cache at a time. */
  private static final int LOOK_AHEAD = 64;

  private final Ledger ledger;
  private final LaneBooks books;

  /** By space and stack reference of the current batch. */
  private final int[][] entryOfRef = new int[AddressSpace.ALL.size()][];

  private List<StackId> batchStacks = List.of();
  private boolean hasBegun;

  /** Without times, the bytes allocated so far take their place. */
  private boolean timed;

  /** Null when the lane has no stacks of releases. */
  private ReleaserNumbers releasers;

  /** What the batch says of the process's recording, as of its end and since an exec in it. */
  private boolean batchIsInPart;

  private int largestSpace;
  private final AddressesAhead ahead = new AddressesAhead(LOOK_AHEAD);
  private int sinceLookAhead;

  private boolean isAtRest;

  private final BudgetShare share;

  /** Written only, so that the compiler keeps the reads. */
  private long unusedTouches;

  LaneLedger(LaneOptions options, LaneBudget budget) {
    share = new BudgetShare(budget);
    ledger = new Ledger(options.sizes());
    if (!options.selects()) {
      ledger.followOldest();
    }
    books = new LaneBooks(options, ledger, share);
  }

  /** What the events applied so far amount to. */
  LaneBooks books() {
    return books;
  }

  /** Tells of every block from now on. */
  LaneBlocks observe(LaneObserver observer) {
    ledger.observe(observer);
    return new LaneBlocks(this);
  }

  /** Whether blocks that are allocated from now on are asked for. */
  void birthsAreAsked(boolean asked) {
    ledger.birthsAreAsked(asked);
  }

  /** Whether the blocks that are outstanding now are asked for. */
  void blocksAreAsked(boolean asked) {
    ledger.blocksAreAsked(asked);
  }

  /** What the events applied so far amount to, by entry. */
  EntryView view() {
    return ledger.view();
  }

  void forEachLive(BlockObserver.LiveVisitor visitor) {
    ledger.forEachLive(visitor);
  }

  /** The stack that releases, by its number. */
  StackId releaser(int number) {
    return releasers == null ? StackId.UNKNOWN : releasers.stack(number);
  }

  /** Makes ready for the events of a batch. */
  void begin(EventCursor cursor) {
    batchStacks = cursor.stacks();
    batchIsInPart = RecordedFrom.isInPart(cursor.header().process());
    timed = cursor.header().tickNanos() > 0;
    if (!hasBegun) {
      hasBegun = true;
      ledger.seenInPart(batchIsInPart);
      ledger.accumulate(timed ? cursor.header().tickNanos() : UNTIMED_TICK_BYTES);
      if (cursor.header().freeStacks()) {
        releasers = new ReleaserNumbers();
        ledger.countReleasers();
        books.tellReleasers(releasers);
      }
    }
    if (releasers != null) {
      releasers.begin(cursor);
    }
    largestSpace = ledger.spaceBeyondCache();
    sinceLookAhead = LOOK_AHEAD;
    isAtRest &= cursor.eventCount() == 0;
    for (int space = 0; space < entryOfRef.length && !batchStacks.isEmpty(); space++) {
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
    long time = timed ? e.timeNanos() : ledger.totals().allocatedBytes();
    if (ledger.hasGivenUp() && isAboutBlocks(e.code())) {
      ledger.lost(1, time);
      share.didNotCount();
      return Life.GOES_ON;
    }
    int tid = e.thread();
    if (largestSpace >= 0 && sinceLookAhead++ == LOOK_AHEAD) {
      lookAhead(e);
    }
    if (releasers != null) {
      ledger.releaser(releasers.number(e));
    }
    switch (e.code()) {
      case EventCodes.ALLOC_HEAP -> alloc(HEAP, e, time);
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
      case EventCodes.ALLOC_SLAB -> alloc(SLAB, e, time);
      case EventCodes.FREE_SLAB -> ledger.free(SLAB.ordinal(), e.address(), tid, time);
      case EventCodes.ALLOC_PAGE -> alloc(PAGE, e, time);
      case EventCodes.FREE_PAGE -> ledger.free(PAGE.ordinal(), e.address(), tid, time);
      case EventCodes.ALLOC_PERCPU -> alloc(PERCPU, e, time);
      case EventCodes.FREE_PERCPU -> ledger.free(PERCPU.ordinal(), e.address(), tid, time);
      case EventCodes.FREE_AT_THREAD_END -> ledger.freeAtThreadEnd(e.address(), tid, time);
      case EventCodes.EXEC -> {
        exec(time);
        ledger.seenInPart(batchIsInPart);
      }
      case EventCodes.EXIT, EventCodes.END -> {
        ledger.settleAll(time);
        ledger.seenInPart(batchIsInPart);
        return Life.ENDED;
      }
      case EventCodes.LOST, EventCodes.MARK, EventCodes.FORK -> {}
      default -> {
        return Life.NOT_UNDERSTOOD;
      }
    }
    return Life.GOES_ON;
  }

  private void exec(long time) {
    boolean wasNotFollowed = ledger.hasGivenUp();
    ledger.exec(time);
    if (wasNotFollowed) {
      share.goesOn(time);
    }
  }

  /** Every event of the batch was applied; whether the blocks are too many now. */
  boolean end() {
    ledger.seenInPart(batchIsInPart);
    ledger.trim();
    share.holds(ledger.knownBlocks());
    return share.isTooMuch();
  }

  /** Only counts from now on; event time has come to {@code eventNanos}. */
  void giveUp(long eventNanos) {
    ledger.giveUp();
    share.holds(ledger.knownBlocks());
    share.gaveUp(timed ? (Long) eventNanos : null);
  }

  /** Whether the blocks became too many, so that the lane only counts what it loses. */
  boolean hasGivenUp() {
    return ledger.hasGivenUp();
  }

  /** The lane's blocks are gone, or nobody asks for them any more. */
  void release() {
    share.holds(0);
  }

  private static boolean isAboutBlocks(int code) {
    return switch (code) {
      case EventCodes.EXEC,
          EventCodes.EXIT,
          EventCodes.END,
          EventCodes.LOST,
          EventCodes.MARK,
          EventCodes.FORK ->
          false;
      default -> true;
    };
  }

  /** Gives back what is not needed while no events come; between batches. */
  void rest() {
    if (!isAtRest) {
      isAtRest = true;
      Arrays.fill(entryOfRef, null);
      batchStacks = List.of();
      ledger.rest();
    }
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

  /** Without times nobody can tell what came before the loss. */
  void lost(long events, long toNanos) {
    ledger.lost(events, timed ? toNanos : Long.MAX_VALUE);
  }

  /**
   * So many events are missing behind the last batch, any of which could be the free of any block;
   * 0 takes it back.
   */
  void missingTail(long events) {
    books.missingTail(events);
    ledger.seenInPart(events > 0 || batchIsInPart);
  }

  private void alloc(AddressSpace space, EventCursor e, long time) {
    ledger.alloc(space.ordinal(), entry(space, e), e.address(), e.value(), e.thread(), time);
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
    int entry = books.entry(new StackKey(batchStacks.get(ref), space));
    entryOfRef[space.ordinal()][ref] = entry;
    return entry;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(hasBegun);
    out.put(batchIsInPart);
    out.put(releasers != null);
    if (releasers != null) {
      releasers.snapshotTo(out);
    }
    books.snapshotTo(out);
    ledger.snapshotTo(out);
    share.snapshotTo(out);
  }

  /** Takes the state that was written; nothing may have been applied before. */
  void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "lane's ledger");
    hasBegun = in.getBoolean();
    batchIsInPart = in.getBoolean();
    if (in.getBoolean()) {
      releasers = new ReleaserNumbers();
      releasers.restoreFrom(in);
      books.tellReleasers(releasers);
    }
    books.restoreFrom(in);
    ledger.restoreFrom(in);
    if (version > 1) {
      share.restoreFrom(in);
    } else if (ledger.hasGivenUp()) {
      share.gaveUp(null);
    }
    share.holds(ledger.knownBlocks());
  }
}
