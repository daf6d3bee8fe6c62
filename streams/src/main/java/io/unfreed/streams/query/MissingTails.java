package io.unfreed.streams.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.ledger.Sums;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Loss that no gap in the sequences shows: the session is over, so that each of its lanes had an
 * exit or an end, and a lane without one misses its last batches. How many events these had is
 * known for the session only: what reached a batch, and what of it arrived.
 */
public final class MissingTails {
  /** Counter of {@link io.unfreed.schemas.SessionEnd}: received, but in no batch. */
  private static final String AFTER_EXIT = "afterExit";

  private static final Comparator<LaneKey> ORDER =
      Comparator.comparing((LaneKey key) -> key.incarnationKey()).thenComparingInt(LaneKey::lane);

  /**
   * How much of a lane is known.
   *
   * @param events events up to the last batch that arrived, missing ones between included
   * @param ended its exit or end is among them
   */
  public record Extent(LaneKey key, long events, boolean ended) {}

  private MissingTails() {}

  /**
   * Events missing behind the last batch, of each lane that misses any. At least its end is one of
   * them. The calls that are missing in the session could be any such incarnation's, so they count
   * in each of these, in its first such lane.
   */
  public static Map<LaneKey, Long> of(Session session, Collection<Extent> lanes) {
    Map<LaneKey, Long> missing = new TreeMap<>(ORDER);
    if (session.getEnd() == null) {
      return missing;
    }
    List<LaneKey> cut =
        lanes.stream().filter(lane -> !lane.ended()).map(Extent::key).sorted(ORDER).toList();
    Set<String> incarnations = new HashSet<>();
    long calls = missingCalls(session, lanes);
    for (LaneKey key : cut) {
      missing.put(key, Sums.of(1, incarnations.add(key.incarnationKey()) ? calls : 0));
    }
    return missing;
  }

  /**
   * Calls of a session that is over which no lane has, not even one that misses its end: those of
   * processes of which nothing arrived. They can count in no report.
   */
  public static long untold(Session session, Collection<Extent> lanes) {
    return session.getEnd() != null && lanes.stream().allMatch(Extent::ended)
        ? missingCalls(session, lanes)
        : 0;
  }

  /** Whether the session is over and no call of it is missing, nor the end of any of its lanes. */
  static boolean none(Session session, Collection<Extent> lanes) {
    return session.getEnd() != null
        && lanes.stream().allMatch(Extent::ended)
        && missingCalls(session, lanes) == 0;
  }

  /** Marks, forks and execs are in the lanes but no calls, so that it may be some more. */
  private static long missingCalls(Session session, Collection<Extent> lanes) {
    if (session.getSampleRate() > 1 || !session.getRecordFilters().isEmpty()) {
      return 0; // received is counted before the filter
    }
    long arrived = Math.max(0, session.getEnd().getLosses().getOrDefault(AFTER_EXIT, 0L));
    for (Extent lane : lanes) {
      arrived = Sums.of(arrived, Math.max(0, lane.events() - (lane.ended() ? 1 : 0)));
    }
    return Math.max(0, Math.max(0, session.getEnd().getReceived()) - arrived);
  }
}
