package io.unfreed.server.answer;

import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.NamedMoments;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.query.RunCheckpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What ledgers had come to at places of a recording that was read once from its beginning to its
 * end, so that a question about a later moment is answered from the nearest place, and reading ends
 * where no lane takes more. Places are the further apart the more ledgers hold, so that writing
 * them down is a small part of the reading; when they take too much room, every second one goes.
 *
 * <p>Filled by one thread, and thread-safe from {@link #end} on.
 */
final class Checkpoints {
  /** As many events as take a fiftieth of a second. */
  static final long FIRST_SPACING_EVENTS = 1 << 18;

  private static final int MOST_PLACES = 64;

  /** To write down so many bytes of a ledger takes an eighth of an event's time. */
  private static final long BYTES_PER_EVENT = 8;

  /**
   * A place.
   *
   * @param heldBytes memory of its own
   * @param endedBytes memory that it shares with later places
   */
  private record Place(
      long offset, Map<String, RunCheckpoint> runs, long heldBytes, long endedBytes) {
    static Place of(long offset, Map<String, RunCheckpoint> runs) {
      return new Place(
          offset,
          runs,
          runs.values().stream().mapToLong(RunCheckpoint::heldBytes).sum(),
          runs.values().stream().mapToLong(RunCheckpoint::endedBytes).sum());
    }
  }

  /** What of a session is known only behind all of it. */
  private record Known(Session session, Map<LaneKey, BatchHeader> lastHeaders) {}

  private final long mostBytes;
  private final Map<String, Session> begun = new HashMap<>();
  private final Map<String, Known> sessions = new LinkedHashMap<>();
  private List<Place> places = new ArrayList<>();
  private StackBook stacks;
  private MomentText.MarkTimes marks;
  private long spacingEvents;
  private long nextEvents;

  /**
   * None yet.
   *
   * @param mostBytes of memory they may take together
   */
  Checkpoints(long mostBytes, long firstSpacingEvents) {
    this.mostBytes = mostBytes;
    spacingEvents = firstSpacingEvents;
  }

  /** A session was met for the first time. */
  void begins(Session session) {
    begun.putIfAbsent(session.getSessionId(), session);
  }

  /** The reading is at a place. */
  void reached(long offset, LedgerSink ledger) {
    if (ledger.events() < nextEvents) {
      return;
    }
    Map<String, RunCheckpoint> runs = new HashMap<>();
    if (!places.isEmpty()) { // the first is the beginning, where nothing is known yet
      for (String session : ledger.sessions().keySet()) {
        runs.put(session, ledger.run(session).checkpoint());
      }
    }
    places.add(Place.of(offset, runs));
    while (places.size() > MOST_PLACES || (heldBytes() > mostBytes && places.size() > 1)) {
      thin();
    }
    nextEvents =
        places.size() == 1
            ? spacingEvents
            : ledger.events() + Math.max(spacingEvents, ledger.heldBytes() / BYTES_PER_EVENT);
  }

  private void thin() {
    List<Place> fewer = new ArrayList<>();
    for (int i = 0; i < places.size(); i += 2) {
      fewer.add(places.get(i));
    }
    places = fewer;
    spacingEvents *= 2;
  }

  /** Memory that is taken, roughly. */
  long heldBytes() {
    return places.getLast().endedBytes() + places.stream().mapToLong(Place::heldBytes).sum();
  }

  /** The reading is at its end; its runs must not be finished yet. */
  void end(LedgerSink whole) {
    stacks = whole.stacks();
    marks = NamedMoments.of(whole);
    whole
        .sessions()
        .forEach(
            (id, session) -> sessions.put(id, new Known(session, whole.run(id).lastHeaders())));
  }

  /** When the sessions' marks are. */
  MomentText.MarkTimes marks() {
    return marks;
  }

  /** Places that are remembered. */
  int size() {
    return places.size();
  }

  /**
   * Answers from the nearest place.
   *
   * @param ledger to which nothing was given yet
   * @param query what is asked of a session
   * @param watchesBirths whoever watches the blocks has to see all of them
   */
  void read(Archive archive, Asked asked, LedgerSink ledger, QueryOf query, boolean watchesBirths)
      throws IOException {
    ledger.knows(stacks);
    Map<String, LedgerRun> runs = new HashMap<>();
    sessions.forEach((id, known) -> {
      if (asked.matches(id)) {
        ledger.session(begun.get(id)); // what is asked of it was said before its end was known
        ledger.session(known.session());
        runs.put(id, ledger.run(id));
      }
    });
    Place from = places.getFirst();
    for (Place place : places) {
      from = isEnough(place, runs, query, watchesBirths) ? place : from;
    }
    Map<String, RunCheckpoint> states = from.runs();
    runs.forEach((id, run) -> {
      if (states.containsKey(id)) {
        run.goOn(states.get(id));
      }
    });
    AtomicBoolean isAnswered = new AtomicBoolean();
    ledger.hearPlaces(offset -> isAnswered.set(areAnswered(runs)));
    BooleanSupplier isEnough = isAnswered::get;
    archive.copyFrom(from.offset(), ledger, isEnough);
    runs.forEach((id, run) -> run.passOver(sessions.get(id).lastHeaders()));
  }

  /** What is asked of a session. */
  interface QueryOf {
    ReportQuery of(Session session);
  }

  private boolean isEnough(
      Place place, Map<String, LedgerRun> runs, QueryOf query, boolean watchesBirths) {
    for (String id : runs.keySet()) {
      RunCheckpoint state = place.runs().get(id);
      if (state != null) {
        ReportQuery asked = query.of(begun.get(id));
        boolean canGoOn =
            state.isEnoughFor(asked)
                && (!watchesBirths || asked.isBornBehind(state.reachedNanos()));
        if (!canGoOn) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean areAnswered(Map<String, LedgerRun> runs) {
    for (Map.Entry<String, LedgerRun> run : runs.entrySet()) {
      if (!run.getValue().isAnswered(sessions.get(run.getKey()).lastHeaders().keySet())) {
        return false;
      }
    }
    return true;
  }
}
