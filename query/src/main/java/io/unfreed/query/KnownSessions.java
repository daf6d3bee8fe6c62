package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.RecordExtents;
import java.util.Collection;
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
  private record Known(
      Session session, long recordMillis, long lastMillis, int partitions, RecordExtents extents) {
    /** Before this nothing of it was published. */
    long firstMillis() {
      Long started = session.getStartedEpochNanos();
      return started == null
          ? recordMillis
          : Math.min(recordMillis, TimeUnit.NANOSECONDS.toMillis(started));
    }

    /** When it ended, or was published as one that had. */
    long endMillis() {
      Long started = session.getStartedEpochNanos();
      return started == null
          ? lastMillis
          : Math.max(
              lastMillis,
              TimeUnit.NANOSECONDS.toMillis(started)
                  + TimeUnit.NANOSECONDS.toMillis(session.getEnd().getEndNanos()));
    }

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
    add(session, recordMillis, 0, null);
  }

  /**
   * Takes the next record of any session.
   *
   * @param partitions by which its lanes are placed, 0 when the record does not say it
   * @param extents where its records are; null when the record does not say it
   */
  void add(Session session, long recordMillis, int partitions, RecordExtents extents) {
    known.merge(
        session.getSessionId(),
        new Known(session, recordMillis, recordMillis, partitions, extents),
        (before, now) ->
            new Known(
                merged(before.session(), now.session()),
                Math.min(before.recordMillis(), now.recordMillis()),
                Math.max(before.lastMillis(), now.lastMillis()),
                before.partitions() != 0 ? before.partitions() : now.partitions(),
                now.extents() != null ? now.extents() : before.extents()));
  }

  /** A session is forgotten. */
  void remove(String id) {
    known.remove(id);
  }

  /** Sessions that ended before a moment, by id. */
  List<String> endedBefore(long epochMillis) {
    return known.entrySet().stream()
        .filter(one -> one.getValue().session().getEnd() != null)
        .filter(one -> one.getValue().endMillis() < epochMillis)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Before this moment nothing was published of any session but those; at most the limit. */
  long firstMillis(Collection<String> except, long limitMillis) {
    return known.entrySet().stream()
        .filter(one -> !except.contains(one.getKey()))
        .mapToLong(one -> one.getValue().firstMillis())
        .reduce(limitMillis, Math::min);
  }

  /** Where the records of a session are, as its end says; null when it does not. */
  RecordExtents extents(String id) {
    return known.get(id).extents();
  }

  /**
   * Before this moment no record of a session was published, by the clock of whoever did; null when
   * that is not known, because somebody may have published an import of the same file before.
   */
  Long sinceMillis(String id) {
    Known one = known.get(id);
    return one.session().getStartedEpochNanos() == null ? null : (Long) one.firstMillis();
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
