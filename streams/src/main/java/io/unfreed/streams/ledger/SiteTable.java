package io.unfreed.streams.ledger;

import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * Numbers the pairs of entry (stack in a space) and allocating thread, apart for births that are
 * asked for and others, so that a block needs one int for all three. Not thread-safe.
 */
final class SiteTable {
  private static final long NONE = -1;

  private final Long2LongHashMap numbers = new Long2LongHashMap(NONE);
  private int[] entryOfSite = new int[64];

  /** Thread index and, in the lowest bit, whether the birth is asked for. */
  private int[] birthOfSite = new int[64];

  private int[] lastSiteOfEntry = new int[64];
  private int size;

  SiteTable() {
    Arrays.fill(lastSiteOfEntry, (int) NONE);
  }

  int entry(int site) {
    return entryOfSite[site];
  }

  int thread(int site) {
    return birthOfSite[site] >>> 1;
  }

  boolean isAsked(int site) {
    return (birthOfSite[site] & 1) != 0;
  }

  /** The site of an entry and a thread index. */
  int site(int entry, int thread, boolean asked) {
    int birth = thread << 1 | (asked ? 1 : 0);
    if (entry < lastSiteOfEntry.length) {
      int last = lastSiteOfEntry[entry];
      if (last >= 0 && birthOfSite[last] == birth) {
        return last;
      }
    }
    return lookUp(entry, birth);
  }

  private int lookUp(int entry, int birth) {
    long pair = (long) entry << Integer.SIZE | birth;
    long known = numbers.get(pair);
    int site = known == NONE ? add(pair, entry, birth) : (int) known;
    if (entry >= lastSiteOfEntry.length) {
      int length = lastSiteOfEntry.length;
      lastSiteOfEntry = Arrays.copyOf(lastSiteOfEntry, Math.max(entry + 1, length * 2));
      Arrays.fill(lastSiteOfEntry, length, lastSiteOfEntry.length, (int) NONE);
    }
    lastSiteOfEntry[entry] = site;
    return site;
  }

  private int add(long pair, int entry, int birth) {
    if (size == entryOfSite.length) {
      entryOfSite = Arrays.copyOf(entryOfSite, size * 2);
      birthOfSite = Arrays.copyOf(birthOfSite, size * 2);
    }
    entryOfSite[size] = entry;
    birthOfSite[size] = birth;
    numbers.put(pair, size);
    return size++;
  }
}
