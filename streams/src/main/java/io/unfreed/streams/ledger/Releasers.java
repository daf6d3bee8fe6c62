package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * Who released the blocks of each entry, and how many. A releaser is a stack, numbered by the
 * caller from 1; {@link #UNKNOWN} is any that is not known. Of an entry the first {@link
 * #MOST_PER_ENTRY} are told apart, further ones are counted together, so that an entry's memory is
 * bounded. Not thread-safe.
 */
public final class Releasers {
  private static final int SNAPSHOT_VERSION = 1;

  /** The releaser that nobody knows; told apart always. */
  public static final int UNKNOWN = 0;

  /** Releasers of one entry that are told apart. */
  static final int MOST_PER_ENTRY = 256;

  private static final long NONE = -1;

  /** What {@link #forEach} calls. */
  public interface Visitor {
    /** One releaser of an entry. */
    void releaser(int number, long frees);
  }

  private final Long2LongHashMap slots = new Long2LongHashMap(NONE);
  private long[] frees = new long[64];
  private int[] releaserOfSlot = new int[64];
  private int size;

  private int[][] slotsOfEntry = new int[64][];
  private int[] countOfEntry = new int[64];
  private int[] lastOfEntry = new int[64];
  private long[] others = new long[64];

  /** A releaser released a block of an entry. */
  void freed(int entry, int releaser) {
    if (entry < slotsOfEntry.length && countOfEntry[entry] > 0) {
      int last = lastOfEntry[entry];
      if (releaserOfSlot[last] == releaser) {
        frees[last]++;
        return;
      }
    }
    lookUp(entry, releaser);
  }

  /** Calls for every releaser of an entry that is told apart. */
  public void forEach(int entry, Visitor visitor) {
    if (entry < slotsOfEntry.length) {
      for (int i = 0; i < countOfEntry[entry]; i++) {
        int slot = slotsOfEntry[entry][i];
        visitor.releaser(releaserOfSlot[slot], frees[slot]);
      }
    }
  }

  /** Releases of an entry's blocks by releasers that are not told apart. */
  public long others(int entry) {
    return entry < others.length ? others[entry] : 0;
  }

  private void lookUp(int entry, int releaser) {
    long pair = (long) entry << Integer.SIZE | releaser;
    long known = slots.get(pair);
    if (known == NONE) {
      ensure(entry);
      if (countOfEntry[entry] >= MOST_PER_ENTRY && releaser != UNKNOWN) {
        others[entry]++;
        return;
      }
      known = add(pair, entry, releaser);
    }
    frees[(int) known]++;
    lastOfEntry[entry] = (int) known;
  }

  private int add(long pair, int entry, int releaser) {
    if (size == frees.length) {
      frees = Arrays.copyOf(frees, size * 2);
      releaserOfSlot = Arrays.copyOf(releaserOfSlot, size * 2);
    }
    int[] of = slotsOfEntry[entry];
    int count = countOfEntry[entry]++;
    if (of == null) {
      of = new int[2];
    } else if (count == of.length) {
      of = Arrays.copyOf(of, count * 2);
    }
    of[count] = size;
    slotsOfEntry[entry] = of;
    releaserOfSlot[size] = releaser;
    slots.put(pair, size);
    return size++;
  }

  private void ensure(int entry) {
    if (entry >= others.length) {
      int length = Math.max(entry + 1, others.length * 2);
      slotsOfEntry = Arrays.copyOf(slotsOfEntry, length);
      countOfEntry = Arrays.copyOf(countOfEntry, length);
      lastOfEntry = Arrays.copyOf(lastOfEntry, length);
      others = Arrays.copyOf(others, length);
    }
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(others.length);
    for (int entry = 0; entry < others.length; entry++) {
      out.put(countOfEntry[entry]);
      for (int i = 0; i < countOfEntry[entry]; i++) {
        int slot = slotsOfEntry[entry][i];
        out.put(releaserOfSlot[slot]);
        out.put(frees[slot]);
      }
      out.put(others[entry]);
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "releasers");
    int entries = in.getCount();
    for (int entry = 0; entry < entries; entry++) {
      for (int count = in.getCount(); count > 0; count--) {
        ensure(entry);
        int releaser = in.getInt();
        int slot = add((long) entry << Integer.SIZE | releaser, entry, releaser);
        frees[slot] = in.getLong();
        lastOfEntry[entry] = slot;
      }
      long uncounted = in.getLong();
      if (uncounted != 0) {
        ensure(entry);
        others[entry] = uncounted;
      }
    }
  }
}
