package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * That lanes have ended, so that their batches, should they come again, are repeats. A hash table
 * of three longs a lane, at most two thirds full:
 *
 * <pre>
 *   0     the first 64 bits of the SHA-256 of the session's id and the slash behind it
 *   1     the first 64 bits of the SHA-256 of the lane's key; 0: empty
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
  private long sessionHash;

  private long laneHash;

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

  /** Hashes of the session's lanes, as {@link #laneHash(LaneKey)} makes them. */
  List<Long> ofSession(String prefix) {
    long session = word(digest.digest(prefix.getBytes(StandardCharsets.UTF_8)));
    List<Long> hashes = new ArrayList<>();
    for (int at = 0; at < table.length; at += WORDS) {
      if (table[at + 1] != 0 && table[at] == session) {
        hashes.add(table[at + 1]);
      }
    }
    return hashes;
  }

  /** What a lane is known by. */
  static long laneHash(LaneKey lane) {
    return nonZero(word(sha256().digest(lane.toString().getBytes(StandardCharsets.UTF_8))));
  }

  /** A lane has ended, or has come again. */
  void add(String key, long offset) {
    hash(key);
    put(offset);
  }

  /** Forgets the lanes whose last record is retained no more. */
  void forgetBefore(long beginOffset) {
    long[] old = table;
    keep(at -> old[at + 2] >= beginOffset);
  }

  /** Forgets the lanes of a session, given by its id and the slash behind it. */
  void forgetSession(String prefix) {
    long[] old = table;
    long session = word(digest.digest(prefix.getBytes(StandardCharsets.UTF_8)));
    keep(at -> old[at] != session);
  }

  private void keep(IntPredicate stays) {
    long[] old = table;
    int kept = 0;
    for (int at = 0; at < old.length; at += WORDS) {
      kept += old[at + 1] != 0 && stays.test(at) ? 1 : 0;
    }
    if (kept == size) {
      return;
    }
    table = new long[Math.max(FIRST_SLOTS, Integer.highestOneBit(kept) * 4) * WORDS];
    size = 0;
    for (int at = 0; at < old.length; at += WORDS) {
      if (old[at + 1] != 0 && stays.test(at)) {
        sessionHash = old[at];
        laneHash = old[at + 1];
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
      sessionHash = in.getLong();
      laneHash = in.getLong();
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
      table[at] = sessionHash;
      table[at + 1] = laneHash;
      size++;
    }
    table[at + 2] = offset;
  }

  private void grow() {
    long[] old = table;
    table = new long[old.length * 2];
    long wantedSession = sessionHash;
    long wantedLane = laneHash;
    for (int at = 0; at < old.length; at += WORDS) {
      if (old[at + 1] != 0) {
        sessionHash = old[at];
        laneHash = old[at + 1];
        System.arraycopy(old, at, table, find(), WORDS);
      }
    }
    sessionHash = wantedSession;
    laneHash = wantedLane;
  }

  /** Where the lane is, or would be. */
  private int find() {
    int mask = table.length / WORDS - 1;
    int slot = (int) laneHash & mask;
    while (table[slot * WORDS + 1] != 0
        && (table[slot * WORDS] != sessionHash || table[slot * WORDS + 1] != laneHash)) {
      slot = (slot + 1) & mask;
    }
    return slot * WORDS;
  }

  private void hash(String key) {
    String session = key.substring(0, key.indexOf('/') + 1);
    sessionHash = word(digest.digest(session.getBytes(StandardCharsets.UTF_8)));
    laneHash = nonZero(word(digest.digest(key.getBytes(StandardCharsets.UTF_8))));
  }

  private static long nonZero(long hash) {
    return hash == 0 ? 1 : hash;
  }

  private static long word(byte[] hash) {
    return ByteBuffer.wrap(hash).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
