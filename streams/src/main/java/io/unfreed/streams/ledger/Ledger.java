package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.List;
import java.util.function.Predicate;

/**
 * The outstanding state of one lane: what every event of docs/contract.md, section 1, does to it.
 * Events must be given in ring-buffer order; times are nanoseconds of session time and may step
 * back a little. An entry is a stack in one address space, numbered by the caller from 0 ({@link
 * #ensureEntries}). Not thread-safe.
 */
public final class Ledger {
  private static final int SNAPSHOT_VERSION = 2;

  /** It knew no chains of reallocations. */
  private static final int CHAINLESS_VERSION = 1;

  private static final int SPACES = AddressSpace.ALL.size();
  private static final int HEAP = AddressSpace.HEAP.ordinal();
  private static final int MAPPING = AddressSpace.MAPPING.ordinal();

  /** So many blocks stay in a core's second-level cache. */
  private static final int CACHED_BLOCKS = 1 << 15;

  private final Accounts accounts;
  private final CacheTouch cacheTouch = new CacheTouch();
  private final BlockTable[] blocks = new BlockTable[SPACES];
  private final MappingTable mappings = new MappingTable();
  private final ThreadTable threads = new ThreadTable();
  private final SiteTable sites = new SiteTable();
  private final PendingReleases pendings = new PendingReleases();

  /** Of heap blocks. */
  private final ChainBirths chains = new ChainBirths();

  private final BlockFollowers followers;
  private final TableSweep sweep = new TableSweep(threads, sites, pendings, mappings, blocks);

  /** It is not known which blocks are outstanding. */
  private boolean hasGivenUp;

  /** Blocks that walks over all have visited. */
  private long visitedBlocks;

  private boolean birthsAreAsked;

  /** When the block was born that was released last. */
  private long movedBirth;

  /** A ledger whose per-stack counters cover allocations of passing size. */
  public Ledger(SizeRange sizes) {
    accounts = new Accounts(sizes);
    followers = new BlockFollowers(accounts, sites, threads);
    for (int space = 0; space < SPACES; space++) {
      blocks[space] = new BlockTable();
    }
  }

  /** Makes entries 0 to {@code count - 1} known. */
  public void ensureEntries(int count) {
    accounts.counters().ensure(count);
    followers.ensure(count);
  }

  /** The address space for which {@link #touch} pays, because it holds most blocks; or -1. */
  public int spaceBeyondCache() {
    int most = HEAP;
    for (int space = 0; space < SPACES; space++) {
      most = blocks[space].size() > blocks[most].size() ? space : most;
    }
    return blocks[most].size() > CACHED_BLOCKS ? most : -1;
  }

  /**
   * Reads what events to come will need, and changes nothing: their misses of the cache overlap
   * here, later they would wait for one another.
   *
   * @param taken addresses of blocks that will be freed or reallocated, the first {@code
   *     takenCount} count
   * @param placed addresses where blocks will be, the first {@code placedCount} count
   * @return anything; to be used, lest the compiler drop the reads
   */
  public long touch(int space, long[] taken, int takenCount, long[] placed, int placedCount) {
    return cacheTouch.places(blocks[space], placed, placedCount)
        + cacheTouch.blocks(blocks[space], taken, takenCount);
  }

  /**
   * Entries accumulate, for their verdicts, by ticks of so many units of the events' times; to be
   * said before the first event.
   */
  public void accumulate(long tickUnits) {
    accounts.slots().tick(tickUnits);
  }

  /** From now on the views know the oldest block of each entry; to be called before any event. */
  public void followOldest() {
    followers.followOldest();
  }

  /** From now on it is counted, per entry, who releases its blocks. */
  public void countReleasers() {
    accounts.countReleasers();
  }

  /**
   * Says who releases what the next event releases, of itself: the stack of a free, an unmapping or
   * an intent, and that of a mapping, which unmaps what is in its place.
   *
   * @param number the stack's number, see {@link Releasers}
   */
  public void releaser(int number) {
    accounts.releaser(number);
  }

  /** From now on every block that comes or goes is told. */
  public void observe(BlockObserver told) {
    followers.observe(told);
  }

  /** Whether blocks that are allocated from now on are asked for; it is told with the block. */
  public void birthsAreAsked(boolean asked) {
    birthsAreAsked = asked;
  }

  /** The same of all blocks that are outstanding now. */
  public void blocksAreAsked(boolean asked) {
    sites.ask(asked);
  }

  /** An allocation of {@code sizeBytes} at an address. */
  public void alloc(int space, int entry, long address, long sizeBytes, int tid, long timeNanos) {
    int thread = begin(tid, timeNanos);
    place(space, entry, address, sizeBytes, thread, timeNanos, timeNanos);
  }

  /** A free of an address. */
  public void free(int space, long address, int tid, long timeNanos) {
    int thread = begin(tid, timeNanos);
    BlockTable table = blocks[space];
    if (table.find(address)) {
      Pending pending = space == HEAP ? pendings.holding(address) : null;
      if (pending != null) {
        pending.state = Pending.State.UNKNOWN;
      }
      boolean temporary =
          threads.justAllocated(thread, space, address) && sites.thread(table.site()) == thread;
      release(table, temporary, timeNanos);
    } else {
      accounts.totals().unmatchedFrees++;
    }
    threads.didOther(thread);
  }

  /** A heap block, or one of those that libc keeps for the thread: they were freed before. */
  public void freeAtThreadEnd(long address, int tid, long timeNanos) {
    if (blocks[HEAP].find(address)) {
      free(HEAP, address, tid, timeNanos);
    }
  }

  /** Entry of a realloc: the block is pending. */
  public void heapIntent(long address, int tid, long timeNanos) {
    int thread = begin(tid, timeNanos);
    boolean known = blocks[HEAP].find(address) && pendings.holding(address) == null;
    boolean temporary =
        known
            && sites.thread(blocks[HEAP].site()) == thread
            && threads.justAllocated(thread, HEAP, address);
    pendings.beginHeap(thread, address, temporary, known).releaser = accounts.releaser();
  }

  /** Entry of a munmap or mremap: the range is pending. */
  public void mappingIntent(long address, long lengthBytes, int tid, long timeNanos) {
    int thread = begin(tid, timeNanos);
    long length = lengthBytes == 0 ? 0 : MappingTable.roundUp(lengthBytes);
    long start = MappingTable.start(address);
    pendings.beginRange(thread, start, length, mappings, threads.justMapped(thread)).releaser =
        accounts.releaser();
  }

  /**
   * A realloc succeeded; {@code address} is 0 when it returned null, and then nothing is placed.
   */
  public void heapOutcome(int entry, long address, long sizeBytes, int tid, long timeNanos) {
    int thread = threads.index(tid);
    movedBirth = timeNanos;
    settle(thread, false, address != 0, timeNanos);
    threads.didOther(thread);
    if (address != 0) {
      long birth = accounts.birth(movedBirth, timeNanos);
      place(HEAP, entry, address, sizeBytes, thread, birth, timeNanos);
    }
  }

  /** A munmap (address 0) or mremap succeeded. */
  public void mappingOutcome(int entry, long address, long lengthBytes, int tid, long timeNanos) {
    int thread = threads.index(tid);
    settle(thread, true, false, timeNanos);
    threads.didOther(thread);
    if (address != 0) {
      placeMapping(entry, address, lengthBytes, thread, timeNanos);
    }
  }

  /** The thread's pending call failed: the old block lives on, as if nothing had been called. */
  public void outcomeFailed(int tid) {
    Pending pending = pendings.of(threads.index(tid));
    if (pending != null) {
      pendings.forget(pending);
    }
  }

  /** A mapping; existing mappings in its range are unmapped first. */
  public void map(int entry, long address, long lengthBytes, int tid, long timeNanos) {
    placeMapping(entry, address, lengthBytes, begin(tid, timeNanos), timeNanos);
  }

  /** An unmapping that is known to have succeeded. */
  public void unmap(long address, long lengthBytes, int tid, long timeNanos) {
    int thread = begin(tid, timeNanos);
    long start = MappingTable.start(address);
    long length = MappingTable.roundUp(lengthBytes);
    if (mappings.touches(start, length)) {
      long justMapped = threads.justMapped(thread);
      take(
          mappings.unmap(start, length, Long.MAX_VALUE),
          cut -> cut.mapping().number == justMapped,
          timeNanos);
    } else {
      accounts.totals().unmatchedFrees++;
    }
    threads.didOther(thread);
  }

  /** The image of the process is replaced: every outstanding block is closed. */
  public void exec(long timeNanos) {
    settleAll(timeNanos);
    if (hasGivenUp) {
      accounts.allClosedByExec();
      hasGivenUp = false;
    }
    walk((site, address, time, size, left) -> {
      followers.closedByExec(site, address, time, size, left, timeNanos);
      accounts.closedByExec(sites.entry(site), size);
    });
    forgetBlocks();
    accounts.allClosed();
    followers.allClosed();
    threads.clear();
  }

  private void forgetBlocks() {
    chains.clear();
    for (BlockTable table : blocks) {
      table.clear();
    }
    mappings.clear();
  }

  /**
   * Forgets which blocks are outstanding, for want of memory. What was counted up to now stays as
   * it is, until an exec; nothing is certain from now on, and what happens to blocks must be told
   * as lost.
   */
  public void giveUp() {
    followers.refresh(this::forEachBlock);
    hasGivenUp = true;
    accounts.lost(0, Long.MAX_VALUE);
    pendings.all().forEach(pendings::forget);
    forgetBlocks();
    threads.clear();
    sweep.all();
    cacheTouch.rest();
  }

  /** Whether nobody knows which blocks are outstanding, see {@link #giveUp}. */
  public boolean hasGivenUp() {
    return hasGivenUp;
  }

  /**
   * Blocks and mappings that are known one by one, by which memory is bounded. One that was
   * reallocated in a later tick than its chain began in counts twice.
   */
  public long knownBlocks() {
    return hasGivenUp ? 0 : accounts.totals().outstandingCount + chains.size();
  }

  /** Releases whose outcome can no longer come (exit, end) count as freed. */
  public void settleAll(long timeNanos) {
    for (Pending pending : pendings.all()) {
      miss(pending, timeNanos);
    }
  }

  /**
   * Events were lost.
   *
   * @param events how many
   * @param toNanos blocks allocated at or before this moment are no longer certain
   */
  public void lost(long events, long toNanos) {
    accounts.lost(events, toNanos);
  }

  /** Whether calls of the process are missing, from before it was recorded: nothing is certain. */
  public void seenInPart(boolean inPart) {
    accounts.seenInPart(inPart);
  }

  /**
   * Gives back what nothing needs any more, when enough has come together; between two batches, so
   * that the events of one pay for it together.
   */
  public void trim() {
    if (!followers.areToldThreads()) {
      sweep.afterEvents(accounts.totals().outstandingCount);
    }
    for (BlockTable table : blocks) {
      table.trim();
    }
    chains.trim();
  }

  /** Gives back what nothing needs while no events come; another event may come all the same. */
  public void rest() {
    if (!followers.areToldThreads()) {
      LedgerTotals totals = accounts.totals();
      sweep.atRest(
          totals.outstandingCount, totals.allocations + totals.frees + totals.unmatchedFrees);
    }
    for (BlockTable table : blocks) {
      table.rest();
    }
    chains.trim();
    cacheTouch.rest();
  }

  /** How many there are, for tests of what is given back. */
  int knownThreadsAndSites() {
    return threads.size() + sites.size();
  }

  /** Totals as of the last event. */
  public LedgerTotals totals() {
    return accounts.totals();
  }

  /** Per-entry counters, with the certain bytes brought up to date. */
  public EntryView view() {
    accounts.refreshCertain(this::forEachBlock);
    followers.refresh(this::forEachBlock);
    return new EntryView(
        accounts.counters(),
        accounts.sizes(),
        this::forEachBlock,
        accounts::isCertain,
        accounts.releasers(),
        accounts.slots(),
        accounts.doubtfulUntil(),
        followers.births());
  }

  /** Calls for every outstanding block: entry, time of allocation, size asked for, bytes left. */
  void forEachBlock(EntryView.BlockVisitor visitor) {
    visitedBlocks += accounts.totals().outstandingCount;
    walk((site, address, time, size, left) -> visitor.block(sites.entry(site), time, size, left));
  }

  /** Calls for every outstanding block. */
  public void forEachLive(BlockObserver.LiveVisitor visitor) {
    walk((site, address, time, size, left) ->
        visitor.block(followers.block(site, address, time, size, left), accounts.isCertain(time)));
  }

  /** What a walk over the outstanding blocks sees of each. */
  private interface SiteVisitor {
    void block(int site, long address, long timeNanos, long sizeBytes, long leftBytes);
  }

  private void walk(SiteVisitor visitor) {
    for (BlockTable table : blocks) {
      if (table.size() > 0) {
        table.forEach(
            (address, time, size, site) -> visitor.block(site, address, time, size, size));
      }
    }
    for (MappingTable.Mapping m : mappings.mappings()) {
      visitor.block(m.site, m.startAddress, m.timeNanos, m.lengthBytes, m.leftBytes);
    }
  }

  /** Blocks that walks over all have visited, for tests of what a statement costs. */
  public long visitedBlocks() {
    return visitedBlocks;
  }

  private int begin(int tid, long timeNanos) {
    int thread = threads.index(tid);
    Pending pending = pendings.of(thread);
    if (pending != null) {
      miss(pending, timeNanos);
    }
    return thread;
  }

  private void place(
      int space, int entry, long address, long sizeBytes, int thread, long birth, long timeNanos) {
    BlockTable table = blocks[space];
    if (!table.claim(address)) {
      closeReused(table, space, address, timeNanos);
    }
    long bytes = accounts.bounded(sizeBytes);
    int site = sites.site(entry, thread, birthsAreAsked);
    table.set(timeNanos, bytes, site);
    if (birth != timeNanos) {
      chains.put(address, birth);
    }
    accounts.opened(entry, bytes, birth, timeNanos);
    followers.opened(entry, site, address, timeNanos, bytes);
    threads.allocated(thread, space, address);
  }

  /** The block under the cursor gives way to a new one at its address. */
  private void closeReused(BlockTable table, int space, long address, long timeNanos) {
    Pending pending = space == HEAP ? pendings.holding(address) : null;
    int entry = sites.entry(table.site());
    long born = birth(table);
    if (pending != null) {
      pending.state = Pending.State.REUSED;
      int own = accounts.releaser();
      accounts.releaser(pending.releaser);
      accounts.freed(
          entry, table.sizeBytes(), table.timeNanos(), born, pending.temporary, timeNanos);
      followers.closed(entry, table, BlockObserver.Why.FREED, timeNanos);
      accounts.releaser(own);
    } else {
      accounts.superseded(entry, table.sizeBytes(), table.timeNanos(), born, timeNanos);
      followers.closed(entry, table, BlockObserver.Why.SUPERSEDED, timeNanos);
    }
  }

  private void placeMapping(int entry, long address, long lengthBytes, int thread, long timeNanos) {
    long start = MappingTable.start(address);
    long length = accounts.boundedLength(lengthBytes);
    if (mappings.touches(start, length)) {
      long justMapped = threads.justMapped(thread);
      take(
          mappings.unmap(start, length, Long.MAX_VALUE),
          cut -> cut.mapping().number == justMapped || pendings.takes(cut),
          timeNanos);
    }
    int site = sites.site(entry, thread, birthsAreAsked);
    MappingTable.Mapping mapping = mappings.map(start, length, site, timeNanos);
    accounts.opened(entry, length, timeNanos);
    followers.opened(entry, site, start, timeNanos, length);
    threads.allocated(thread, MAPPING, mapping.number);
  }

  private void take(
      List<MappingTable.Cut> cuts, Predicate<MappingTable.Cut> temporary, long timeNanos) {
    for (MappingTable.Cut cut : cuts) {
      MappingTable.Mapping mapping = cut.mapping();
      int entry = sites.entry(mapping.site);
      accounts.shrunk(entry, cut, timeNanos);
      followers.shrunk(cut);
      if (cut.isLast()) {
        accounts.unmapped(entry, mapping, temporary.test(cut), timeNanos);
        followers.unmapped(entry, mapping, timeNanos);
      }
    }
  }

  /** A successful outcome of the thread's pending call, if it has one of this sort. */
  private void settle(int thread, boolean mapping, boolean moves, long timeNanos) {
    Pending pending = pendings.of(thread);
    if (pending == null) {
      return;
    }
    if (pending.mapping == mapping) {
      accounts.moving(moves);
      complete(pending, timeNanos);
      accounts.moving(false);
    } else {
      miss(pending, timeNanos);
    }
  }

  private void miss(Pending pending, long timeNanos) {
    accounts.totals().missingOutcomes++;
    complete(pending, timeNanos);
    threads.didOther(pending.thread);
  }

  /** The pending release took place, by the stack that began it. */
  private void complete(Pending pending, long timeNanos) {
    int own = accounts.releaser();
    accounts.releaser(pending.releaser);
    release(pending, timeNanos);
    accounts.releaser(own);
  }

  private void release(Pending pending, long timeNanos) {
    pendings.forget(pending);
    if (pending.mapping) {
      completeRange(pending, timeNanos);
    } else if (pending.state == Pending.State.HELD) {
      blocks[HEAP].find(pending.address);
      release(blocks[HEAP], pending.temporary, timeNanos);
    } else if (pending.state == Pending.State.UNKNOWN) {
      accounts.totals().unmatchedFrees++;
    }
  }

  private void completeRange(Pending pending, long timeNanos) {
    if (pending.state == Pending.State.UNKNOWN) {
      accounts.totals().unmatchedFrees += pending.lengthBytes == 0 ? 0 : 1;
    } else {
      take(
          mappings.unmap(pending.address, pending.lengthBytes, pending.firstLaterMapping),
          cut -> cut.mapping().number == pending.justMapped,
          timeNanos);
    }
  }

  /** Removes the block under the table's cursor as freed. */
  private void release(BlockTable table, boolean temporary, long timeNanos) {
    int entry = sites.entry(table.site());
    movedBirth = birth(table);
    accounts.freed(entry, table.sizeBytes(), table.timeNanos(), movedBirth, temporary, timeNanos);
    followers.closed(entry, table, BlockObserver.Why.FREED, timeNanos);
    table.remove();
  }

  /** When the block under the table's cursor, which goes, was born for its verdict. */
  private long birth(BlockTable table) {
    return chains.isEmpty() || table != blocks[HEAP]
        ? table.timeNanos()
        : chains.take(table.address(), table.timeNanos());
  }

  /** Writes everything that later events and questions depend on. */
  public void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(hasGivenUp);
    accounts.snapshotTo(out);
    threads.snapshotTo(out);
    sites.snapshotTo(out);
    pendings.snapshotTo(out);
    mappings.snapshotTo(out);
    out.put(SPACES);
    for (BlockTable table : blocks) {
      table.snapshotTo(out);
    }
    chains.snapshotTo(out);
  }

  /** Takes the state that was written; the ledger must be new. Oldest blocks are found again. */
  public void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "ledger");
    hasGivenUp = in.getBoolean();
    accounts.restoreFrom(in);
    threads.restoreFrom(in);
    sites.restoreFrom(in);
    pendings.restoreFrom(in);
    mappings.restoreFrom(in);
    int spaces = in.getCount();
    for (int space = 0; space < spaces; space++) {
      blocks[space].restoreFrom(in);
    }
    if (version > CHAINLESS_VERSION) {
      chains.restoreFrom(in);
    }
    followers.restored(this::forEachBlock);
  }
}
