package io.unfreed.server.answer;

import io.unfreed.query.FailedException;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.NamedMoments;
import io.unfreed.query.UsageException;
import io.unfreed.render.Explanation;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Passes over an archive's events: who asks what somebody is being answered waits for that answer,
 * the last answers are kept, and few passes run at once. Thread-safe.
 */
public final class Readings {
  /** Each has a number per kind of block that was asked for, no events and no blocks. */
  private static final int MOST_KEPT = 16;

  private static final int MOST_AT_ONCE = 2;
  private static final long PATIENCE_SECONDS = 30;

  /** What is drawn over time while it is recorded may be as old as so many passes take. */
  private static final int PASSES_OLD = 10;

  private static final int MOST_RECENT = 4;

  private final Archive archive;
  private final Semaphore running = new Semaphore(MOST_AT_ONCE, true);
  private final Map<Asked.Key, FutureTask<Reading>> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<NowKey, FutureTask<Reading>> states = new LinkedHashMap<>(16, 0.75f, true);
  private long passes;
  private long answersFromState;

  /** Of the last reading of all; null when it remembered none. */
  private Noted noted;

  private final long checkpointSpacing;
  private long eventsRead;

  private final Map<Asked.Key, Recent> recent = new LinkedHashMap<>(16, 0.75f, true);

  /** The last answer to a question, when it was there and how long it took. */
  private record Recent(Reading reading, long doneNanos, long tookNanos) {
    boolean isRecent(long nowNanos) {
      return nowNanos - doneNanos < PASSES_OLD * tookNanos;
    }
  }

  /** What a reading of all remembered, and what it was asked about. */
  private record Noted(String session, Object version, Checkpoints checkpoints) {
    boolean tellsOf(String asked, Object now) {
      return version.equals(now) && (session == null || session.equals(asked));
    }
  }

  /** A session as it is now. */
  private record NowKey(String session, Object version) {}

  /** Nothing is read until somebody asks. */
  public Readings(Archive archive) {
    this(archive, Checkpoints.FIRST_SPACING_EVENTS);
  }

  /** With a checkpoint for so many events at the most, as far as there is room. */
  Readings(Archive archive, long checkpointSpacing) {
    this.archive = archive;
    this.checkpointSpacing = checkpointSpacing;
  }

  /** Reports, and the timeline when no moment is asked for. */
  public Reading of(Asked asked) throws IOException {
    return of(asked, asked.blocks().isGiven(), false);
  }

  /**
   * As {@link #of(Asked)}; of a recording that goes on it may be the last answer, as old as ten
   * times what that took, so that many who look take a part of a processor and not all of it.
   */
  public Reading recent(Asked asked) throws IOException {
    Asked.Key key = asked.key(false, false, "any");
    synchronized (this) {
      Recent last = recent.get(key);
      if (last != null && last.isRecent(System.nanoTime())) {
        return last.reading();
      }
    }
    long passesBefore = passes();
    long beganNanos = System.nanoTime();
    Reading reading = of(asked);
    long nowNanos = System.nanoTime();
    synchronized (this) {
      if (passes > passesBefore) {
        recent.put(key, new Recent(reading, nowNanos, nowNanos - beganNanos));
      }
      if (recent.size() > MOST_RECENT) {
        recent.remove(recent.keySet().iterator().next());
      }
    }
    return reading;
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
    boolean isKept;
    synchronized (this) {
      isKept = kept.containsKey(asked.key(needsBlocks, false, version));
    }
    Reading known = asked.isNow() && !isKept ? state(new NowKey(asked.session(), version)) : null;
    if (known == null) {
      return of(asked, needsBlocks, false);
    }
    synchronized (this) {
      answersFromState++;
    }
    return known;
  }

  /** Null when events have to be read. */
  private Reading state(NowKey key) throws IOException {
    FutureTask<Reading> task;
    boolean isMine;
    synchronized (this) {
      task = states.get(key);
      isMine = task == null;
      if (isMine) {
        task = new FutureTask<>(() -> archive.now(key.session()));
        // What was before is not asked for again, and takes as much memory.
        states.keySet().removeIf(other -> !other.version().equals(key.version()));
        states.put(key, task);
        if (states.size() > MOST_KEPT) {
          states.remove(states.keySet().iterator().next());
        }
      }
    }
    if (isMine) {
      task.run();
    }
    Reading known = null;
    try {
      known = task.get();
      return known;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TooCostlyException) {
        return null; // a pass over the events may need less
      }
      throw failure(e.getCause());
    } finally {
      if (known == null) {
        synchronized (this) {
          states.remove(key, task);
        }
      }
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
        (double) passes,
        "answers_from_state",
        (double) answersFromState,
        "events_read_total",
        (double) eventsRead);
  }

  /** How often events were read, for tests. */
  synchronized long passes() {
    return passes;
  }

  /** How many of them, for tests. */
  synchronized long eventsRead() {
    return eventsRead;
  }

  /** Places that are remembered, for tests. */
  synchronized int places() {
    return noted == null ? 0 : noted.checkpoints().size();
  }

  /** Equal as long as the same question has the same answer. */
  public Object version() {
    return archive.version();
  }

  private Reading of(Asked asked, boolean ofBlocks, boolean withShapes) throws IOException {
    Asked.Key key = asked.key(ofBlocks, withShapes, archive.version());
    FutureTask<Reading> wider;
    synchronized (this) {
      wider = kept.containsKey(key) ? null : wider(key);
    }
    Reading part = wider == null ? null : partOf(wider, asked);
    return part == null ? exactly(key, asked) : part;
  }

  /**
   * Null when it says nothing of what is asked; that it failed is nothing to those who asked
   * otherwise.
   */
  private static Reading partOf(FutureTask<Reading> wider, Asked asked) {
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
  private FutureTask<Reading> wider(Asked.Key key) {
    FutureTask<Reading> ofAll = key.session() == null ? null : kept.get(key.ofSession(null));
    if (ofAll != null || key.ofBlocks() || key.moment().at() == null) {
      return ofAll;
    }
    for (Map.Entry<Asked.Key, FutureTask<Reading>> one : kept.entrySet()) {
      if (one.getKey().hasReportsOf(key)) {
        return one.getValue();
      }
    }
    return null;
  }

  private Reading exactly(Asked.Key key, Asked asked) throws IOException {
    FutureTask<Reading> task;
    boolean isMine;
    synchronized (this) {
      task = kept.get(key);
      isMine = task == null;
      if (isMine) {
        task = new FutureTask<>(() -> inTurn(() -> read(asked, key)));
        kept.put(key, task);
        if (kept.size() > MOST_KEPT) {
          kept.remove(kept.keySet().iterator().next());
        }
      }
    }
    if (isMine) {
      task.run();
    }
    return result(key, task);
  }

  private Reading result(Asked.Key key, FutureTask<Reading> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (ExecutionException e) {
      synchronized (this) {
        kept.remove(key, task);
      }
      throw failure(e.getCause());
    }
  }

  private static RuntimeException failure(Throwable cause) throws IOException {
    switch (cause) {
      case IOException e -> throw e;
      case UncheckedIOException e -> throw e.getCause();
      case RuntimeException e -> throw e;
      case OutOfMemoryError e ->
          throw new TooCostlyException("the answer needs more memory than the server has");
      case Error e -> throw e;
      default -> throw new FailedException(cause.getMessage(), cause);
    }
  }

  private <T> T inTurn(Callable<T> pass) throws Exception {
    if (!running.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new BusyException("other questions took longer than " + PATIENCE_SECONDS + " s");
    }
    try {
      return pass.call();
    } finally {
      running.release();
    }
  }

  /**
   * Looks into a leak or a stack.
   *
   * @param name number of a leak, beginning of a stack's id or part of a function
   */
  public Explained explain(Asked asked, String name) throws IOException {
    Reading reading = of(asked);
    Explained.Found found = Explained.find(reading, asked, name);
    try {
      return inTurn(() -> explain(asked, reading, found));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (Exception | OutOfMemoryError e) {
      throw failure(e);
    }
  }

  private Explained explain(Asked asked, Reading reading, Explained.Found found)
      throws IOException {
    MomentText.MarkTimes marks = found.of().markTimes();
    // By its id: another one may have begun meanwhile.
    Asked same =
        new Asked(
            found.of().session().getSessionId(), asked.moment(), asked.blocks(), asked.tgid());
    LedgerSink again =
        new LedgerSink(
            one -> same.of(one, marks, false).withSurvey(found.question()), same::matches);
    pass(
        same,
        again,
        checkpoints(same.session(), archive.version()),
        one -> same.of(one, marks, false).withSurvey(found.question()),
        false);
    LedgerRun run = again.run(found.of().session().getSessionId());
    run.finish();
    return new Explained(
        Explanation.of(found.of().session(), found.stacks(), run.survey()), reading.stacks());
  }

  private Reading read(Asked asked, Asked.Key key) throws IOException {
    boolean ofBlocks = key.ofBlocks();
    boolean isWhole = !ofBlocks && asked.moment().at() == null;
    Checkpoints known = checkpoints(key.session(), key.version());
    MomentText.MarkTimes marks =
        !asked.hasMark() ? MomentText.MarkTimes.NONE : known == null ? marks(asked) : known.marks();
    Checkpoints writing =
        isWhole && asked.isNow() && archive.checkpointBytes() > 0
            ? new Checkpoints(archive.checkpointBytes(), checkpointSpacing)
            : null;
    Map<String, Timeline> timelines = new HashMap<>();
    Map<String, BlockShapes> shapes = new HashMap<>();
    LedgerSink ledger =
        new LedgerSink(
            one -> asked.of(one, marks, ofBlocks),
            asked::matches,
            (one, run) -> {
              if (writing != null) {
                writing.begins(one);
              }
              if (isWhole) {
                Timeline timeline = new Timeline();
                timelines.put(one.getSessionId(), timeline);
                run.watch(timeline::watch);
              } else if (key.withShapes()) {
                BlockShapes shape = new BlockShapes(asked.moment().sizes());
                shapes.put(one.getSessionId(), shape);
                run.watch(shape::watch);
              }
            });
    if (writing != null) {
      ledger.hearPlaces(offset -> writing.reached(offset, ledger));
    }
    pass(
        asked,
        ledger,
        isWhole ? null : known,
        one -> asked.of(one, marks, ofBlocks),
        key.withShapes());
    if (writing != null && writing.size() > 0) {
      writing.end(ledger);
      synchronized (this) {
        noted = new Noted(key.session(), key.version(), writing);
      }
    }
    return found(asked, ledger, timelines, shapes);
  }

  private static Reading found(
      Asked asked,
      LedgerSink ledger,
      Map<String, Timeline> timelines,
      Map<String, BlockShapes> shapes) {
    if (ledger.sessions().isEmpty()) {
      throw new UsageException(
          asked.session() == null
              ? "no session has been recorded there yet"
              : "--session " + asked.session() + ": no such session here");
    }
    List<Reading.OfSession> sessions = new ArrayList<>();
    for (Session one : ledger.sessions().values()) {
      String id = one.getSessionId();
      if (ledger.trace(id) != null) {
        continue; // beside recordings of allocations, in another file
      }
      sessions.add(ofSession(one, ledger.run(id), timelines.get(id), shapes.get(id)));
    }
    if (sessions.isEmpty()) {
      ledger.refuseTraces();
    }
    return new Reading(sessions, ledger.stacks());
  }

  private MomentText.MarkTimes marks(Asked asked) throws IOException {
    LedgerSink first = new LedgerSink(one -> ReportQuery.WHOLE, asked::matches);
    pass(asked, first, null, null, false);
    return NamedMoments.of(first);
  }

  private synchronized Checkpoints checkpoints(String session, Object version) {
    return noted != null && noted.tellsOf(session, version) ? noted.checkpoints() : null;
  }

  /** From the nearest of the checkpoints, if there are any; all of it otherwise. */
  private void pass(
      Asked asked,
      LedgerSink ledger,
      Checkpoints from,
      Checkpoints.QueryOf query,
      boolean watchesBirths)
      throws IOException {
    synchronized (this) {
      passes++;
    }
    if (from == null) {
      archive.copyTo(asked.session(), ledger);
    } else {
      from.read(archive, asked, ledger, query, watchesBirths);
    }
    synchronized (this) {
      eventsRead += ledger.events();
    }
  }

  /** Lets go of the ledgers, which have the blocks. */
  private static Reading.OfSession ofSession(
      Session session, LedgerRun run, Timeline timeline, BlockShapes shapes) {
    List<IncarnationReport> reports = run.finish();
    if (timeline != null) {
      timeline.end();
    }
    Map<String, Map<BlockKey, BlockNumbers>> chosen = new HashMap<>();
    if (run.question() != null) {
      for (IncarnationReport report : reports) {
        chosen.put(
            LaneKey.incarnationKey(report.session(), report.incarnation()), run.chosen(report));
      }
    }
    return new Reading.OfSession(
        session, reports, List.copyOf(run.marks()), run.question(), chosen, timeline, shapes);
  }

  /** The sessions, oldest first where that is known. */
  public List<Session> sessions(Asked whole) throws IOException {
    List<Session> known = archive.sessions();
    return known != null
        ? known
        : of(whole).sessions().stream().map(Reading.OfSession::session).toList();
  }
}
