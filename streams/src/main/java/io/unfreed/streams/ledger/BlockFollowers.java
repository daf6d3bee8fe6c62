package io.unfreed.streams.ledger;

/**
 * Who follows single blocks as they come and go: the oldest of each entry, and an observer. Both
 * are told behind the books. Not thread-safe.
 */
final class BlockFollowers {
  private final Accounts accounts;

  /** The one that is told of. */
  private final BlockObserver.Block block;

  /** Null when nobody asks for the oldest blocks but with a selection. */
  private OldestBirths births;

  /** Null when nobody is told of single blocks. */
  private BlockObserver observer;

  BlockFollowers(Accounts accounts, SiteTable sites, ThreadTable threads) {
    this.accounts = accounts;
    block = new BlockObserver.Block(sites, threads);
  }

  /** From now on the oldest block of each entry is known; before any event. */
  void followOldest() {
    births = new OldestBirths(accounts.counters());
  }

  /** From now on every block that comes or goes is told. */
  void observe(BlockObserver told) {
    observer = told;
  }

  /** Whether threads are told, also those that nothing else depends on. */
  boolean areToldThreads() {
    return observer != null;
  }

  /** Null when it is not followed. */
  OldestBirths births() {
    return births;
  }

  /** Makes room for entries 0 to {@code count - 1}. */
  void ensure(int count) {
    if (births != null) {
      births.ensure(count);
    }
  }

  /** A block is outstanding. */
  void opened(int entry, int site, long address, long timeNanos, long sizeBytes) {
    if (births != null) {
      births.opened(entry, timeNanos);
    }
    if (observer != null) {
      observer.opened(block(site, address, timeNanos, sizeBytes, sizeBytes));
    }
  }

  /** What is left of a mapping lost a piece, perhaps its last. */
  void shrunk(MappingTable.Cut cut) {
    if (observer != null) {
      MappingTable.Mapping m = cut.mapping();
      observer.shrunk(mapping(m, cut.leftBytes()), cut.bytes());
    }
  }

  /** A block under a table's cursor is outstanding no more. */
  void closed(int entry, BlockTable table, BlockObserver.Why why, long timeNanos) {
    closed(entry, table.timeNanos());
    if (observer != null) {
      long size = table.sizeBytes();
      observer.closed(
          block(table.site(), table.address(), table.timeNanos(), size, size),
          why,
          accounts.releaser(),
          timeNanos);
    }
  }

  /** A mapping, of which no byte is left, is outstanding no more. */
  void unmapped(int entry, MappingTable.Mapping m, long timeNanos) {
    closed(entry, m.timeNanos);
    if (observer != null) {
      observer.closed(
          mapping(m, m.leftBytes), BlockObserver.Why.FREED, accounts.releaser(), timeNanos);
    }
  }

  /** A block goes with the image of its process; {@link #allClosed} follows. */
  void closedByExec(
      int site, long address, long allocatedAt, long sizeBytes, long leftBytes, long timeNanos) {
    if (observer != null) {
      observer.closed(
          block(site, address, allocatedAt, sizeBytes, leftBytes),
          BlockObserver.Why.CLOSED_BY_EXEC,
          Releasers.UNKNOWN,
          timeNanos);
    }
  }

  /** Nothing is outstanding any more. */
  void allClosed() {
    if (births != null) {
      births.allClosed();
    }
  }

  /** Brings the oldest blocks up to date. */
  void refresh(Accounts.BlockWalk blocks) {
    if (births != null) {
      births.refresh(blocks);
    }
  }

  /** Finds the oldest blocks of a restored state. */
  void restored(Accounts.BlockWalk blocks) {
    if (births != null) {
      births.restored(blocks);
    }
  }

  /** What is said of a block to somebody who follows it; until the next one. */
  BlockObserver.Block block(
      int site, long address, long timeNanos, long sizeBytes, long leftBytes) {
    return block.set(site, address, timeNanos, sizeBytes, leftBytes);
  }

  private BlockObserver.Block mapping(MappingTable.Mapping m, long leftBytes) {
    return block(m.site, m.startAddress, m.timeNanos, m.lengthBytes, leftBytes);
  }

  private void closed(int entry, long allocatedAt) {
    if (births != null) {
      births.closed(entry, allocatedAt);
    }
  }
}
