package io.unfreed.server.answer;

import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.NamedMoments;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads an archive's events, few passes at once, and remembers places of the last reading of all,
 * at which later ones begin. Thread-safe.
 */
final class Passes {
  private static final int MOST_AT_ONCE = 2;
  private static final long PATIENCE_SECONDS = 30;

  private final Archive archive;
  private final Semaphore running = new Semaphore(MOST_AT_ONCE, true);
  private final long checkpointSpacing;
  private long count;
  private long eventsRead;

  /** Of the last reading of all; null when it remembered none. */
  private Noted noted;

  /** What a reading of all remembered, and what it was asked about. */
  private record Noted(String session, Object version, Checkpoints checkpoints) {
    boolean tellsOf(String asked, Object now) {
      return version.equals(now) && (session == null || session.equals(asked));
    }
  }

  /** With a checkpoint for so many events at the most, as far as there is room. */
  Passes(Archive archive, long checkpointSpacing) {
    this.archive = archive;
    this.checkpointSpacing = checkpointSpacing;
  }

  /** How often events were read. */
  synchronized long count() {
    return count;
  }

  /** How many of them. */
  synchronized long eventsRead() {
    return eventsRead;
  }

  /** Places that are remembered. */
  synchronized int places() {
    return noted == null ? 0 : noted.checkpoints().size();
  }

  /** Reads, when it is its turn. */
  Reading read(Asked asked, Asked.Key key) throws Exception {
    return inTurn(() -> readNow(asked, key));
  }

  /** Looks into a leak or a stack, when it is its turn. */
  Survey survey(Asked asked, Explained.Found found) throws IOException {
    try {
      return inTurn(() -> surveyNow(asked, found));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (Exception | OutOfMemoryError e) {
      throw Failures.of(e);
    }
  }

  /** Gives a pass its turn. */
  <T> T inTurn(Callable<T> pass) throws Exception {
    if (!running.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new BusyException("other questions took longer than " + PATIENCE_SECONDS + " s");
    }
    try {
      return pass.call();
    } finally {
      running.release();
    }
  }

  private Survey surveyNow(Asked asked, Explained.Found found) throws IOException {
    MomentText.MarkTimes marks = found.of().markTimes();
    // By its id: another one may have begun meanwhile.
    Asked same =
        new Asked(
            found.of().session().getSessionId(), asked.moment(), asked.blocks(), asked.tgid());
    Checkpoints.QueryOf query = one -> same.of(one, marks, false).withSurvey(found.question());
    LedgerSink again = new LedgerSink(query::of, same::matches);
    pass(same, again, checkpoints(same.session(), archive.version()), query, false);
    LedgerRun run = again.run(found.of().session().getSessionId());
    run.finish();
    return run.survey();
  }

  private Reading readNow(Asked asked, Asked.Key key) throws IOException {
    boolean ofBlocks = key.ofBlocks();
    boolean isWhole = !ofBlocks && asked.moment().at() == null;
    Checkpoints known = checkpoints(key.session(), key.version());
    MomentText.MarkTimes marks =
        !asked.hasMark() ? MomentText.MarkTimes.NONE : known == null ? marks(asked) : known.marks();
    Checkpoints writing =
        isWhole && asked.isNow() && archive.checkpointBytes() > 0
            ? new Checkpoints(archive.checkpointBytes(), checkpointSpacing)
            : null;
    Map<String, TimelineWatch> timelines = new HashMap<>();
    Map<String, BlockShapes> shapes = new HashMap<>();
    Checkpoints.QueryOf query = one -> asked.of(one, marks, ofBlocks);
    LedgerSink ledger =
        new LedgerSink(
            query::of,
            asked::matches,
            (one, run) -> {
              if (writing != null) {
                writing.begins(one);
              }
              if (isWhole) {
                TimelineWatch timeline = new TimelineWatch();
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
    pass(asked, ledger, isWhole ? null : known, query, key.withShapes());
    if (writing != null && writing.size() > 0) {
      writing.end(ledger);
      synchronized (this) {
        noted = new Noted(key.session(), key.version(), writing);
      }
    }
    return found(asked, ledger, timelines, shapes);
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
      count++;
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

  private static Reading found(
      Asked asked,
      LedgerSink ledger,
      Map<String, TimelineWatch> timelines,
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
      throw new UsageException(
          "session "
              + ledger.sessions().keySet().iterator().next()
              + " is a trace and has no allocations: trace tells what was counted");
    }
    return new Reading(sessions, ledger.stacks());
  }

  /** Lets go of the ledgers, which have the blocks. */
  private static Reading.OfSession ofSession(
      Session session, LedgerRun run, TimelineWatch watched, BlockShapes shapes) {
    List<IncarnationReport> reports = run.finish();
    Timeline timeline = watched == null ? null : watched.end();
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
}
