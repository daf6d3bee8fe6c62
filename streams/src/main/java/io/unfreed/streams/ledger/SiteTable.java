package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import java.util.BitSet;
import org.agrona.collections.Long2LongHashMap;

/**
 * Numbers the pairs of entry (stack in a space) and allocating thread, apart for births that are
 * asked for and others, so that a block needs one int for all three. Four ints a site:
 *
 * <pre>
 *   0 entry   1 thread, -1 when it does not matter any more   2 1 if asked   3 unused
 * </pre>
 *
 * Nothing is counted here: a block that comes or goes costs a site nothing. Not thread-safe.
 */
final class SiteTable {
  private static final int SNAPSHOT_VERSION = 2;

  /** It had a column of outstanding blocks before the last. */
  private static final int COUNTING_VERSION = 1;

  private static final long NONE = -1;
  private static final int NO_THREAD = -1;
  private static final int NO_SITE = -1;
  private static final int SHIFT = 2;
  private static final int THREAD = 1;
  private static final int ASKED = 2;
  private static final int FIRST_SITES = 4;

  private Long2LongHashMap numbers = new Long2LongHashMap(NONE);
  private int[] words = new int[FIRST_SITES << SHIFT];
  private int[] lastSiteOfEntry = {};
  private int size;

  /** Sites that are known. */
  int size() {
    return size;
  }

  int entry(int site) {
    return words[site << SHIFT];
  }

  int thread(int site) {
    return words[(site << SHIFT) + THREAD];
  }

  boolean isAsked(int site) {
    return words[(site << SHIFT) + ASKED] != 0;
  }

  /** The site of an entry and a thread index. */
  int site(int entry, int thread, boolean asked) {
    if (entry < lastSiteOfEntry.length) {
      int last = lastSiteOfEntry[entry];
      if (last >= 0 && thread(last) == thread && isAsked(last) == asked) {
        return last;
      }
    }
    return lookUp(entry, thread, asked);
  }

  /** All births so far are asked for, or none of them. */
  void ask(boolean asked) {
    numbers = new Long2LongHashMap(NONE);
    for (int site = 0; site < size; site++) {
      words[(site << SHIFT) + ASKED] = asked ? 1 : 0;
      numbers.put(key(entry(site), thread(site), asked), site);
    }
  }

  /**
   * Forgets sites without outstanding blocks and numbers the others anew; those of one entry whose
   * threads are forgotten become one.
   *
   * @param isNeeded which sites have outstanding blocks
   * @param keepsUnused sites without outstanding blocks stay as long as their threads
   * @param threads the new index of each thread, -1 for those that are forgotten
   * @return the new number of each site, -1 for those that are forgotten
   */
  int[] forget(BitSet isNeeded, boolean keepsUnused, int[] threads) {
    int[] old = words;
    int[] renumbered = new int[size];
    int before = size;
    words = new int[FIRST_SITES << SHIFT];
    numbers = new Long2LongHashMap(NONE);
    lastSiteOfEntry = new int[0];
    size = 0;
    for (int site = 0; site < before; site++) {
      int at = site << SHIFT;
      int thread = old[at + THREAD] == NO_THREAD ? NO_THREAD : threads[old[at + THREAD]];
      boolean stays = isNeeded.get(site) || (keepsUnused && thread != NO_THREAD);
      renumbered[site] = stays ? known(old[at], thread, old[at + ASKED] != 0) : NO_SITE;
    }
    words = Arrays.copyOf(words, Math.max(FIRST_SITES, size) << SHIFT);
    return renumbered;
  }

  private int lookUp(int entry, int thread, boolean asked) {
    int site = known(entry, thread, asked);
    if (entry >= lastSiteOfEntry.length) {
      int length = lastSiteOfEntry.length;
      lastSiteOfEntry = Arrays.copyOf(lastSiteOfEntry, Math.max(entry + 1, length * 2));
      Arrays.fill(lastSiteOfEntry, length, lastSiteOfEntry.length, NO_SITE);
    }
    lastSiteOfEntry[entry] = site;
    return site;
  }

  private int known(int entry, int thread, boolean asked) {
    long key = key(entry, thread, asked);
    long known = numbers.get(key);
    if (known != NONE) {
      return (int) known;
    }
    int site = add(key, entry, thread);
    words[(site << SHIFT) + ASKED] = asked ? 1 : 0;
    return site;
  }

  private static long key(int entry, int thread, boolean asked) {
    long pair = ((long) entry << Integer.SIZE) | (thread & 0xFFFF_FFFFL);
    return asked ? pair | Long.MIN_VALUE : pair;
  }

  private int add(long key, int entry, int thread) {
    if (size << SHIFT == words.length) {
      words = Arrays.copyOf(words, words.length * 2);
    }
    int at = size << SHIFT;
    words[at] = entry;
    words[at + THREAD] = thread;
    numbers.put(key, size);
    return size++;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(size);
    for (int word = 0; word <= ASKED; word++) {
      for (int site = 0; site < size; site++) {
        out.put(words[(site << SHIFT) + word]);
      }
    }
  }

  void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "sites");
    int sites = in.getCount();
    int[][] columns = new int[ASKED + 1][sites];
    for (int word = 0; word <= ASKED; word++) {
      if (word == ASKED && version == COUNTING_VERSION) {
        in.get(columns[ASKED], sites);
      }
      in.get(columns[word], sites);
    }
    for (int i = 0; i < sites; i++) {
      known(columns[0][i], columns[THREAD][i], columns[ASKED][i] != 0);
    }
  }
}
