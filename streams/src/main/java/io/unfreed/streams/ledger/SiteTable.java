package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * Numbers the pairs of entry (stack in a space) and allocating thread, so that a block needs one
 * int for both. Not thread-safe.
 */
final class SiteTable {
  private static final int SNAPSHOT_VERSION = 1;

  private static final long NONE = -1;

  private final Long2LongHashMap numbers = new Long2LongHashMap(NONE);
  private int[] entryOfSite = new int[64];
  private int[] threadOfSite = new int[64];
  private int[] lastSiteOfEntry = new int[64];
  private int size;

  SiteTable() {
    Arrays.fill(lastSiteOfEntry, (int) NONE);
  }

  int entry(int site) {
    return entryOfSite[site];
  }

  int thread(int site) {
    return threadOfSite[site];
  }

  /** The site of an entry and a thread index. */
  int site(int entry, int thread) {
    if (entry < lastSiteOfEntry.length) {
      int last = lastSiteOfEntry[entry];
      if (last >= 0 && threadOfSite[last] == thread) {
        return last;
      }
    }
    return lookUp(entry, thread);
  }

  private int lookUp(int entry, int thread) {
    long pair = (long) entry << Integer.SIZE | thread;
    long known = numbers.get(pair);
    int site = known == NONE ? add(pair, entry, thread) : (int) known;
    if (entry >= lastSiteOfEntry.length) {
      int length = lastSiteOfEntry.length;
      lastSiteOfEntry = Arrays.copyOf(lastSiteOfEntry, Math.max(entry + 1, length * 2));
      Arrays.fill(lastSiteOfEntry, length, lastSiteOfEntry.length, (int) NONE);
    }
    lastSiteOfEntry[entry] = site;
    return site;
  }

  private int add(long pair, int entry, int thread) {
    if (size == entryOfSite.length) {
      entryOfSite = Arrays.copyOf(entryOfSite, size * 2);
      threadOfSite = Arrays.copyOf(threadOfSite, size * 2);
    }
    entryOfSite[size] = entry;
    threadOfSite[size] = thread;
    numbers.put(pair, size);
    return size++;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(size);
    out.put(entryOfSite, size);
    out.put(threadOfSite, size);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "sites");
    int sites = in.getCount();
    int[] entries = new int[sites];
    int[] threads = new int[sites];
    in.get(entries, sites);
    in.get(threads, sites);
    for (int site = 0; site < sites; site++) {
      add((long) entries[site] << Integer.SIZE | threads[site], entries[site], threads[site]);
    }
  }
}
