package io.unfreed.query;

import io.unfreed.schemas.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Sessions put together from records that may be repeated, and of which compaction may have left
 * the last one only. Their order is that of facts which compaction keeps.
 */
public final class KnownSessions {
  private record Known(Session session, long recordMillis, int partitions) {
    /** Of a session without a start, an import, only the time of its first record is known. */
    long startedNanos() {
      return session.getStartedEpochNanos() != null
          ? session.getStartedEpochNanos()
          : TimeUnit.MILLISECONDS.toNanos(recordMillis);
    }
  }

  private final Map<String, Known> known = new TreeMap<>();

  /** Takes the next record of any session. */
  void add(Session session, long recordMillis) {
    add(session, recordMillis, 0);
  }

  /**
   * Takes the next record of any session.
   *
   * @param partitions by which its lanes are placed, 0 when the record does not say it
   */
  void add(Session session, long recordMillis, int partitions) {
    known.merge(
        session.getSessionId(),
        new Known(session, recordMillis, partitions),
        (before, now) ->
            new Known(
                merged(before.session(), now.session()),
                Math.min(before.recordMillis(), now.recordMillis()),
                before.partitions() != 0 ? before.partitions() : now.partitions()));
  }

  /** A session is forgotten. */
  void remove(String id) {
    known.remove(id);
  }

  /** By how many partitions the lanes are placed, of the sessions that say it. */
  Map<String, Integer> partitions() {
    Map<String, Integer> partitions = new TreeMap<>();
    known.forEach((id, one) -> {
      if (one.partitions() != 0) {
        partitions.put(id, one.partitions());
      }
    });
    return partitions;
  }

  /** By the start of their recording, then by id. */
  List<Session> oldestFirst() {
    return known.values().stream()
        .sorted(
            Comparator.comparingLong(Known::startedNanos)
                .thenComparing(one -> one.session().getSessionId()))
        .map(Known::session)
        .toList();
  }

  /** The later copy; but one without the end, of a cut file, never replaces one with it. */
  public static Session merged(Session before, Session later) {
    return before != null && before.getEnd() != null && later.getEnd() == null ? before : later;
  }
}
