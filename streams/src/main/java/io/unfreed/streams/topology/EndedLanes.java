package io.unfreed.streams.topology;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * That lanes have ended, so that their batches, should they come again, are repeats. A hash table
 * of three longs a lane, at most two thirds full:
 *
 * <pre>
 *   0, 1  the first 128 bits of the SHA-256 of the lane's key; 0, 0: empty
 *   2     offset of the lane's last record, -1 when it is not known
 * </pre>
 *
 * Not thread-safe.
 */
final class EndedLanes {
  private static final int SNAPSHOT_VERSION = 1;
  private static final int WORDS = 3;
  private static final int FIRST_SLOTS = 4;

  private final MessageDigest digest = sha256();
  private long[] table = new long[FIRST_SLOTS * WORDS];
  private int size;

  /** The lane that was looked for last. */
  private long high;

  private long low;

  int size() {
    return size;
  }

  /** Bytes of the table, for tests. */
  long bytes() {
    return (long) table.length * Long.BYTES;
  }

  boolean holds(String key) {
    hash(key);
    return table[find() + 1] != 0;
  }

  /** A lane has ended, or has come again. */
  void add(String key, long offset) {
    hash(key);
    put(offset);
  }

  /** Forgets the lanes whose last record is retained no more. */
  void forgetBefore(long beginOffset) {
    long[] old = table;
    int kept = 0;
    for (int at = 0; at < old.length; at += WORDS) {
      kept += old[at + 1] != 0 && old[at + 2] >= beginOffset ? 1 : 0;
    }
    if (kept == size) {
      return;
    }
    table = new long[Math.max(FIRST_SLOTS, Integer.highestOneBit(kept) * 4) * WORDS];
    size = 0;
    for (int at = 0; at < old.length; at += WORDS) {
      if (old[at + 1] != 0 && old[at + 2] >= beginOffset) {
        high = old[at];
        low = old[at + 1];
        put(old[at + 2]);
      }
    }
  }

  /** Lanes whose last record is not known have it before this offset. */
  void knownBefore(long offset) {
    for (int at = 0; at < table.length; at += WORDS) {
      if (table[at + 1] != 0 && table[at + 2] < 0) {
        table[at + 2] = offset - 1;
      }
    }
  }

  void clear() {
    table = new long[FIRST_SLOTS * WORDS];
    size = 0;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(size);
    for (int at = 0; at < table.length; at += WORDS) {
      if (table[at + 1] != 0) {
        out.put(table[at]);
        out.put(table[at + 1]);
        out.put(table[at + 2]);
      }
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "ended lanes");
    for (int count = in.getCount(); count > 0; count--) {
      high = in.getLong();
      low = in.getLong();
      put(in.getLong());
    }
  }

  private void put(long offset) {
    int at = find();
    if (table[at + 1] == 0) {
      if ((size + 1) * 3 > table.length / WORDS * 2) {
        grow();
        at = find();
      }
      table[at] = high;
      table[at + 1] = low;
      size++;
    }
    table[at + 2] = offset;
  }

  private void grow() {
    long[] old = table;
    table = new long[old.length * 2];
    long wantedHigh = high;
    long wantedLow = low;
    for (int at = 0; at < old.length; at += WORDS) {
      if (old[at + 1] != 0) {
        high = old[at];
        low = old[at + 1];
        System.arraycopy(old, at, table, find(), WORDS);
      }
    }
    high = wantedHigh;
    low = wantedLow;
  }

  /** Where the lane is, or would be. */
  private int find() {
    int mask = table.length / WORDS - 1;
    int slot = (int) high & mask;
    while (table[slot * WORDS + 1] != 0
        && (table[slot * WORDS] != high || table[slot * WORDS + 1] != low)) {
      slot = (slot + 1) & mask;
    }
    return slot * WORDS;
  }

  private void hash(String key) {
    byte[] hash = digest.digest(key.getBytes(StandardCharsets.UTF_8));
    high = word(hash, 0);
    low = word(hash, Long.BYTES);
    low = low == 0 ? 1 : low;
  }

  private static long word(byte[] hash, int from) {
    long word = 0;
    for (byte b : Arrays.copyOfRange(hash, from, from + Long.BYTES)) {
      word = word << Byte.SIZE | (b & 0xFF);
    }
    return word;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
