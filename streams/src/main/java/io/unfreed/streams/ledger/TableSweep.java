package io.unfreed.streams.ledger;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Forgets the threads and sites of a ledger that no number depends on any more, between two events.
 * A sweep walks over every block, because blocks know their site by its number; so it is made only
 * when the threads and sites that were added, or that nothing needs, pay for it. Not thread-safe.
 *
 * <p>A thread is needed while it has begun a release, and while its last event is an allocation of
 * its own that is outstanding: the free of that one would be temporary.
 */
final class TableSweep {
  /** So few threads and sites are kept while events come. */
  private static final int LEAST_ADDED = 1024;

  /** A sweep may walk over so many blocks for each thread or site that it may forget. */
  private static final int BLOCKS_EACH = 16;

  private final ThreadTable threads;
  private final SiteTable sites;
  private final PendingReleases pendings;
  private final MappingTable mappings;
  private final BlockTable[] blocks;

  private int knownAfter;

  /** Changes up to the last sweep at rest. */
  private long restedAt = Long.MIN_VALUE;

  TableSweep(
      ThreadTable threads,
      SiteTable sites,
      PendingReleases pendings,
      MappingTable mappings,
      BlockTable[] blocks) {
    this.threads = threads;
    this.sites = sites;
    this.pendings = pendings;
    this.mappings = mappings;
    this.blocks = blocks;
  }

  /** Sweeps when enough were added since the last time; threads that had events since stay. */
  void afterEvents(long outstanding) {
    long added = known() - (long) knownAfter;
    if (added >= LEAST_ADDED && added >= knownAfter && added * BLOCKS_EACH >= outstanding) {
      sweep(true);
    }
  }

  /**
   * Sweeps when enough may not be needed: no events came for a while.
   *
   * @param changes grows with every event; nothing is swept twice without one
   */
  void atRest(long outstanding, long changes) {
    if (changes != restedAt && known() > 0 && (long) known() * BLOCKS_EACH >= outstanding) {
      sweep(false);
      restedAt = changes;
    }
  }

  /** Sweeps: no block is known any more. */
  void all() {
    sweep(false);
  }

  private int known() {
    return threads.size() + sites.size();
  }

  private void sweep(boolean keepsUsed) {
    Set<Long> mapped = new HashSet<>();
    mappings.mappings().forEach(mapping -> mapped.add(mapping.number));
    int[] newThread =
        threads.forget(
            keepsUsed,
            (thread, space, address) ->
                pendings.of(thread) != null || isOutstanding(thread, space, address, mapped));
    pendings.renumber(newThread);
    int[] newSite = sites.forget(sitesOfBlocks(), keepsUsed, newThread);
    for (BlockTable table : blocks) {
      table.renumberSites(newSite);
    }
    mappings.mappings().forEach(mapping -> mapping.site = newSite[mapping.site]);
    knownAfter = known();
  }

  private BitSet sitesOfBlocks() {
    BitSet found = new BitSet(sites.size());
    for (BlockTable table : blocks) {
      table.forEach((address, time, size, site) -> found.set(site));
    }
    mappings.mappings().forEach(mapping -> found.set(mapping.site));
    return found;
  }

  private boolean isOutstanding(int thread, int space, long address, Set<Long> mapped) {
    if (space < 0) {
      return false;
    }
    if (space == AddressSpace.MAPPING.ordinal()) {
      return mapped.contains(address);
    }
    return blocks[space].find(address) && sites.thread(blocks[space].site()) == thread;
  }
}
