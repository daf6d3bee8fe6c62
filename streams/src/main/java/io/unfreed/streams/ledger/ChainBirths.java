package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.Arrays;

/**
 * When the chains of reallocations began that outstanding blocks are the last of, by address: only
 * of blocks whose chain began in an earlier tick than they did, which are few. Not thread-safe.
 */
final class ChainBirths {
  private static final int SNAPSHOT_VERSION = 1;
  private static final int FIRST_BITS = 6;

  /** Where fewer places than one of so many are taken, there are too many. */
  private static final long LEAST_SHARE = 16;

  private final BlockHash hash = BlockHash.random();

  /** Two words for each place: an address, 0 for none, and when its chain began. */
  private long[] places = {};

  private int bits;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** The block at an address, of which nothing is noted, is the last of a chain. */
  void put(long address, long birth) {
    if (address == 0) {
      return; // no block of a program
    }
    if (size * 4L >= (3L << bits) || places.length == 0) {
      grow();
    }
    insert(address, birth);
  }

  /**
   * When the chain of the block at an address began, which goes; its own birth where it has none.
   */
  long take(long address, long ownBirth) {
    if (size == 0 || address == 0) {
      return ownBirth;
    }
    int at = place(address);
    if (places[2 * at] == 0) {
      return ownBirth;
    }
    long birth = places[2 * at + 1];
    remove(at);
    size--;
    if (size == 0 && bits > FIRST_BITS) {
      clear();
    }
    return birth;
  }

  /** Words that it takes, for tests of what is given back. */
  int words() {
    return places.length;
  }

  /** Gives back what a much larger number of chains had needed. */
  void trim() {
    if (bits > FIRST_BITS && size * LEAST_SHARE < 1L << bits) {
      long[] old = places;
      clear();
      for (int at = 0; at < old.length; at += 2) {
        if (old[at] != 0) {
          put(old[at], old[at + 1]);
        }
      }
    }
  }

  void clear() {
    places = new long[0];
    bits = 0;
    size = 0;
  }

  private void insert(long address, long birth) {
    int at = place(address);
    size += places[2 * at] == 0 ? 1 : 0;
    places[2 * at] = address;
    places[2 * at + 1] = birth;
  }

  /** Where an address is, or would be. */
  private int place(long address) {
    int at = home(address);
    while (places[2 * at] != 0 && places[2 * at] != address) {
      at = next(at);
    }
    return at;
  }

  private int home(long address) {
    return (int) (hash.of(address) >>> (Long.SIZE - bits));
  }

  private int next(int at) {
    return (at + 1) & ((1 << bits) - 1);
  }

  /** Later ones of the row move up, so that none is behind a gap. */
  private void remove(int hole) {
    int gap = hole;
    for (int at = next(gap); places[2 * at] != 0; at = next(at)) {
      int home = home(places[2 * at]);
      int mask = (1 << bits) - 1;
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        places[2 * gap] = places[2 * at];
        places[2 * gap + 1] = places[2 * at + 1];
        gap = at;
      }
    }
    places[2 * gap] = 0;
  }

  private void grow() {
    long[] old = places;
    bits = Math.max(FIRST_BITS, bits + 1);
    places = new long[2 << bits];
    size = 0;
    for (int at = 0; at < old.length; at += 2) {
      if (old[at] != 0) {
        insert(old[at], old[at + 1]);
      }
    }
  }

  /** By address, so that nothing depends on the hash. */
  void snapshotTo(SnapshotOut out) {
    long[] addresses = new long[size];
    int count = 0;
    for (int at = 0; at < places.length; at += 2) {
      if (places[at] != 0) {
        addresses[count++] = places[at];
      }
    }
    Arrays.sort(addresses);
    long[] births = new long[size];
    for (int i = 0; i < size; i++) {
      births[i] = places[2 * place(addresses[i]) + 1];
    }
    out.put(SNAPSHOT_VERSION);
    out.putAll(addresses);
    out.putAll(births);
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "chains");
    long[] addresses = in.getAll();
    long[] births = in.getAll();
    clear();
    for (int i = 0; i < addresses.length; i++) {
      put(addresses[i], births[i]);
    }
  }
}
