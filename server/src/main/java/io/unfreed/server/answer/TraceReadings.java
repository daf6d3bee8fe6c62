package io.unfreed.server.answer;

import io.unfreed.query.AskedMoment;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.UsageException;
import io.unfreed.query.WindowText;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.trace.TraceKey;
import io.unfreed.streams.trace.TraceSpan;
import io.unfreed.streams.trace.TraceTimeline;
import io.unfreed.streams.window.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Answers about what tracers counted, from passes over what they stated; the last ones are kept,
 * and of a trace that goes on they are as old as {@link PacedVersion} has it. Thread-safe.
 */
public final class TraceReadings {
  /** Each has two statements of every row. */
  private static final int MOST_KEPT = 6;

  private static final AskedMoment END = new AskedMoment(null, 0, SizeRange.ALL, null);

  private final Archive archive;
  private final Passes passes;
  private final KeptReadings<Key, TraceReading> kept = new KeptReadings<>(MOST_KEPT);
  private final PacedVersion version;

  /** A question about traces as of a version. */
  private record Key(Question question, Object version) {}

  /** What is asked beside the moment; what is null is not. */
  private record Question(String session, AskedMoment moment, String during, TraceRows rows) {
    Question ofAll() {
      return new Question(null, moment, during, rows);
    }
  }

  /**
   * Which rows are drawn over time.
   *
   * @param tgid of which process; null for all
   * @param row which one, by its key; null for all
   */
  public record TraceRows(Integer tgid, String row) implements Predicate<TraceRow> {
    /** All of them. */
    public static final TraceRows ALL = new TraceRows(null, null);

    @Override
    public boolean test(TraceRow one) {
      return (tgid == null || one.getTgid() == tgid)
          && (row == null || TraceKey.of(one).toString().equals(row));
    }
  }

  TraceReadings(Archive archive, Passes passes) {
    this.archive = archive;
    this.passes = passes;
    version = new PacedVersion(archive::traceVersion, System::nanoTime);
  }

  /**
   * As of a moment, or of several.
   *
   * @param session id or its beginning; null for what a command takes that was told none
   */
  public TraceReading of(String session, AskedMoment moment) throws IOException {
    Question question = new Question(session, moment, null, null);
    if (moment.intervalNanos() == null) {
      return reading(question);
    }
    // It has all statements: it is not kept.
    try {
      return passes.inTurn(() -> read(question));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted");
    } catch (Exception | OutOfMemoryError e) {
      throw Failures.of(e);
    }
  }

  /** What happened in a stretch, {@code A..B}. */
  public TraceReading during(String session, String during) throws IOException {
    return reading(new Question(session, END, during, null));
  }

  /** Over time. */
  public TraceReading timeline(String session, TraceRows rows) throws IOException {
    return reading(new Question(session, END, null, rows));
  }

  /** The sessions of tracers. */
  List<Session> sessions() throws IOException {
    // What the page asks next is found out in the same pass.
    return timeline(null, TraceRows.ALL).traces().stream()
        .map(TraceReading.OfTrace::session)
        .toList();
  }

  /**
   * Whether a session is a trace.
   *
   * @param session id or its beginning; null for what a command takes that was told none
   */
  public boolean isTrace(String session) throws IOException {
    List<Session> known = archive.sessions();
    if (known != null) {
      return known.reversed().stream()
          .filter(one -> session == null || one.getSessionId().startsWith(session))
          .findFirst()
          .map(one -> TraceRules.tracer(one).isPresent())
          .orElse(false);
    }
    if (!archive.hasTraces()) {
      return false;
    }
    return session == null
        ? !archive.hasBlocks()
        : sessions().stream().anyMatch(one -> one.getSessionId().startsWith(session));
  }

  /** Equal as long as the same question has the same answer. */
  public Object version() {
    return version.now();
  }

  private TraceReading reading(Question question) throws IOException {
    Object asOf = version.now();
    if (question.session() != null && kept.has(new Key(question.ofAll(), asOf))) {
      TraceReading part = kept(question.ofAll(), asOf).only(question.session());
      if (!part.traces().isEmpty()) {
        return part;
      }
    }
    return kept(question, asOf);
  }

  private TraceReading kept(Question question, Object asOf) throws IOException {
    return kept.of(
        new Key(question, asOf),
        () -> version.reading(asOf, () -> passes.inTurn(() -> timed(question, asOf))));
  }

  private TraceReading timed(Question question, Object asOf) throws IOException {
    long beganNanos = version.nanos();
    try {
      return read(question);
    } finally {
      version.took(asOf, version.nanos() - beganNanos);
    }
  }

  private TraceReading read(Question question) throws IOException {
    Map<String, TraceSpan> spans = new HashMap<>();
    Map<String, TraceTimeline> timelines = new HashMap<>();
    LedgerSink ledger =
        new LedgerSink(
            one -> question(question, one),
            id -> question.session() == null || id.startsWith(question.session()),
            (one, run) -> {
              if (question.during() != null) {
                spans.put(one.getSessionId(), span(question.during(), one));
              }
              if (question.rows() != null) {
                timelines.put(one.getSessionId(), new TraceTimeline(question.rows()));
              }
            });
    ledger.hearStatements(
        giveTo(spans, timelines),
        () ->
            spans.values().stream().mapToLong(TraceSpan::heldBytes).sum()
                + timelines.values().stream().mapToLong(TraceTimeline::heldBytes).sum());
    archive.copyTraces(question.session(), ledger);
    List<TraceReading.OfTrace> traces = new ArrayList<>();
    for (Session one : ledger.sessions().values()) {
      String id = one.getSessionId();
      if (ledger.trace(id) != null) {
        traces.add(
            new TraceReading.OfTrace(
                one,
                ledger.trace(id),
                spans.containsKey(id) ? spans.get(id).stretch().orElse(null) : null,
                timelines.containsKey(id) ? timelines.get(id).slots() : null));
      }
    }
    if (traces.isEmpty()) {
      throw new UsageException(
          question.session() == null
              ? "no trace has been recorded there"
              : "--session " + question.session() + ": no such trace here");
    }
    return new TraceReading(traces, ledger.stacks());
  }

  /** A trace has no marks: their names are no moments of it. */
  private static ReportQuery question(Question question, Session one) {
    return question.moment().forSession(one, MomentText.MarkTimes.NONE);
  }

  private static TraceSpan span(String during, Session one) {
    Window window = WindowText.of("--during", during).in(one, MomentText.MarkTimes.NONE);
    return new TraceSpan(
        window.fromNanos() == Long.MIN_VALUE ? null : window.fromNanos(),
        window.toNanos() == Long.MAX_VALUE ? null : window.toNanos());
  }

  private static Consumer<TraceStatement> giveTo(
      Map<String, TraceSpan> spans, Map<String, TraceTimeline> timelines) {
    return statement -> {
      TraceSpan span = spans.get(statement.getSession());
      if (span != null) {
        span.add(statement);
      }
      TraceTimeline timeline = timelines.get(statement.getSession());
      if (timeline != null) {
        timeline.add(statement);
      }
    };
  }
}
