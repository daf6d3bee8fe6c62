package io.unfreed.server.answer;

import io.unfreed.render.Explanation;
import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Answers from passes over an archive's events: who asks what somebody is being answered waits for
 * that answer, the last answers are kept, and few passes run at once. Thread-safe.
 */
public final class Readings {
  /** Each has a number per kind of block that was asked for, no events and no blocks. */
  private static final int MOST_KEPT = 16;

  private final Archive archive;
  private final Passes passes;
  private final TraceReadings traces;
  private final KeptReadings<Asked.Key, Reading> kept = new KeptReadings<>(MOST_KEPT);
  private final KeptReadings<NowKey, State> states = new KeptReadings<>(MOST_KEPT);
  private final KeptReadings<Object, List<Session>> sessions = new KeptReadings<>(1);
  private final LiveTimelines timelines;
  private long answersFromState;

  /** A session as it is now. */
  private record NowKey(String session, Object version) {}

  /**
   * How a session is, from what somebody has computed.
   *
   * @param askedNanos when it was asked; what was recorded before is in it
   */
  record State(Reading reading, long askedNanos) {}

  /** Nothing is read until somebody asks. */
  public Readings(Archive archive) {
    this(archive, Checkpoints.FIRST_SPACING_EVENTS);
  }

  /** With a checkpoint for so many events at the most, as far as there is room. */
  Readings(Archive archive, long checkpointSpacing) {
    this.archive = archive;
    passes = new Passes(archive, checkpointSpacing);
    timelines =
        new LiveTimelines(
            new LiveTimelines.Source() {
              @Override
              public Object version() {
                return archive.version();
              }

              @Override
              public Reading read(Asked asked) throws IOException {
                return of(asked);
              }

              @Override
              public State state(Asked asked) throws IOException {
                return Readings.this.state(new NowKey(asked.session(), archive.version()));
              }
            },
            System::nanoTime);
    traces = new TraceReadings(archive, passes);
  }

  /** Answers about what tracers counted. */
  public TraceReadings traces() {
    return traces;
  }

  /** Reports, and the timeline when no moment is asked for. */
  public Reading of(Asked asked) throws IOException {
    return of(asked, asked.blocks().isGiven(), false);
  }

  /**
   * A session's reports and timeline, of which what is behind the events that were read may be from
   * what was computed already, as {@link LiveTimelines} has it.
   *
   * @param whole asks for no moment and no blocks
   */
  public Reading recent(Asked whole) throws IOException {
    return timelines.of(whole);
  }

  /** Blocks, also when nothing is asked of single ones. */
  public Reading ofBlocks(Asked asked) throws IOException {
    return of(asked, true, false);
  }

  /**
   * Reports, and blocks by their stacks. As of now they are taken from what was computed already,
   * where that is possible.
   *
   * @param ofBlocks blocks are wanted, also when nothing is asked of single ones
   */
  public Reading now(Asked asked, boolean ofBlocks) throws IOException {
    boolean needsBlocks = ofBlocks || asked.blocks().isGiven();
    Object version = archive.version();
    boolean isKept = kept.has(asked.key(needsBlocks, false, version));
    State known = asked.isNow() && !isKept ? state(new NowKey(asked.session(), version)) : null;
    if (known == null) {
      return of(asked, needsBlocks, false);
    }
    synchronized (this) {
      answersFromState++;
    }
    return known.reading();
  }

  /** Null when events have to be read. */
  private State state(NowKey key) throws IOException {
    // What was before is not asked for again, and takes as much memory.
    states.keepOnly(other -> other.version().equals(key.version()));
    try {
      return states.of(
          key,
          () -> {
            long askedNanos = System.nanoTime();
            Reading now = archive.now(key.session());
            return now == null ? null : new State(now, askedNanos);
          });
    } catch (TooCostlyException e) {
      return null; // a pass over the events may need less
    }
  }

  /** Blocks, and how large they are and how long they lived. */
  public Reading withShapes(Asked asked) throws IOException {
    return of(asked, true, true);
  }

  /** How often events were read, and how often that was not needed, by names for people. */
  public synchronized Map<String, Double> numbers() {
    return Map.of(
        "passes",
        (double) passes.count(),
        "answers_from_state",
        (double) answersFromState,
        "timelines_from_state",
        (double) timelines.fromState(),
        "events_read_total",
        (double) passes.eventsRead());
  }

  /** How often events were read, for tests. */
  long passes() {
    return passes.count();
  }

  /** How many of them, for tests. */
  long eventsRead() {
    return passes.eventsRead();
  }

  /** Places that are remembered, for tests. */
  int places() {
    return passes.places();
  }

  /** Equal as long as the same question has the same answer. */
  public Object version() {
    return archive.version();
  }

  private Reading of(Asked asked, boolean ofBlocks, boolean withShapes) throws IOException {
    Asked.Key key = asked.key(ofBlocks, withShapes, archive.version());
    Future<Reading> wider = kept.has(key) ? null : wider(key);
    Reading part = wider == null ? null : partOf(wider, asked);
    return part == null ? kept.of(key, () -> passes.read(asked, key)) : part;
  }

  /**
   * Null when it says nothing of what is asked; that it failed is nothing to those who asked
   * otherwise.
   */
  private static Reading partOf(Future<Reading> wider, Asked asked) {
    try {
      Reading part = wider.get().only(asked);
      return part.sessions().isEmpty() ? null : part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      return null;
    }
  }

  /** A pass that was asked for before, and finds out what this question is about, too. */
  private Future<Reading> wider(Asked.Key key) {
    Future<Reading> ofAll = key.session() == null ? null : kept.find(key.ofSession(null));
    if (ofAll != null || key.ofBlocks() || key.moment().at() == null) {
      return ofAll;
    }
    return kept.findAny(other -> other.hasReportsOf(key));
  }

  /**
   * Looks into a leak or a stack.
   *
   * @param name number of a leak, beginning of a stack's id or part of a function
   */
  public Explained explain(Asked asked, String name) throws IOException {
    Reading reading = of(asked);
    Explained.Found found = Explained.find(reading, asked, name);
    return new Explained(
        Explanation.of(found.of().session(), found.stacks(), passes.survey(asked, found)),
        reading.stacks());
  }

  /** The sessions, traces included, oldest first where that is known. */
  public List<Session> sessions(Asked whole) throws IOException {
    Object version = archive.version();
    sessions.keepOnly(version::equals);
    List<Session> known = sessions.of(version, archive::sessions);
    return known == null ? read(whole) : known;
  }

  private List<Session> read(Asked whole) throws IOException {
    List<Session> read = new ArrayList<>();
    if (archive.hasBlocks()) {
      of(whole).sessions().forEach(one -> read.add(one.session()));
    }
    if (archive.hasTraces()) {
      read.addAll(traces.sessions());
      read.sort(
          Comparator.comparing(
              Session::getStartedEpochNanos, Comparator.nullsFirst(Comparator.naturalOrder())));
    }
    return read;
  }
}
