package io.unfreed.query;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordKeys;
import io.unfreed.schemas.wire.TraceRules;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportBudget;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.trace.TraceBook;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Answers queries straight from a recording: a ledger run per session, or what a tracer stated, its
 * facts and its stacks. A batch that cannot be decoded is counted; the gap it leaves is loss.
 */
public final class LedgerSink implements RecordingSink {
  private final Function<Session, ReportQuery> questions;
  private final Predicate<String> asked;
  private final BiConsumer<Session, LedgerRun> begins;
  private StackBook stacks = new StackBook();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final Map<String, LedgerRun> runs = new LinkedHashMap<>();
  private final Map<String, TraceBook> traces = new LinkedHashMap<>();
  private final ReportBudget reportBudget;
  private final Set<StackId> referred = new HashSet<>();
  private final EventCursor cursor = new EventCursor();
  private long undecodable;
  private long events;
  private LongConsumer places = offset -> {};
  private Runnable each = () -> {};
  private Consumer<TraceStatement> statements = statement -> {};
  private LongSupplier listenerBytes = () -> 0;

  /** Answers about every session. */
  public LedgerSink(Function<Session, ReportQuery> questions) {
    this(questions, session -> true);
  }

  /**
   * Answers about some sessions and passes over the others.
   *
   * @param questions what is asked of a session
   * @param asked tells by its id whether a session is asked for
   */
  public LedgerSink(Function<Session, ReportQuery> questions, Predicate<String> asked) {
    this(questions, asked, (session, run) -> {});
  }

  /**
   * The same.
   *
   * @param begins hears of each run before its first batch
   */
  public LedgerSink(
      Function<Session, ReportQuery> questions,
      Predicate<String> asked,
      BiConsumer<Session, LedgerRun> begins) {
    this(questions, asked, begins, ReportBudget.inHalfOfTheHeap());
  }

  LedgerSink(
      Function<Session, ReportQuery> questions,
      Predicate<String> asked,
      BiConsumer<Session, LedgerRun> begins,
      ReportBudget reportBudget) {
    this.reportBudget = reportBudget;
    this.questions = questions;
    this.asked = asked;
    this.begins = begins;
  }

  /** Tells of each place of the file from which reading can go on, before what follows it. */
  public void hearPlaces(LongConsumer listener) {
    places = listener;
  }

  /**
   * Tells of each statement of a tracer that is taken.
   *
   * @param heldBytes memory that who listens takes, roughly
   */
  public void hearStatements(Consumer<TraceStatement> listener, LongSupplier heldBytes) {
    statements = listener;
    listenerBytes = heldBytes;
  }

  /** Is called before each batch or statement; what it throws ends the reading. */
  public void beforeEachBatch(Runnable listener) {
    each = listener;
  }

  /**
   * Knows from now on what another reading of the same recording has found of its stacks; before
   * the first record.
   */
  public void knows(StackBook book) {
    stacks = book;
  }

  @Override
  public void place(long offset) {
    places.accept(offset);
  }

  @Override
  public void session(Session session) {
    if (!asked.test(session.getSessionId())) {
      return;
    }
    sessions.merge(session.getSessionId(), session, KnownSessions::merged);
    runs.computeIfAbsent(session.getSessionId(), id -> begun(session)).session(session);
    if (TraceRules.tracer(session).isPresent()) {
      traces.computeIfAbsent(session.getSessionId(), id -> book(session));
    }
  }

  private TraceBook book(Session session) {
    ReportQuery question = questions.apply(session);
    return new TraceBook(question.atNanos(), question.intervalNanos());
  }

  private LedgerRun begun(Session session) {
    LedgerRun run = new LedgerRun(questions.apply(session), reportBudget);
    begins.accept(session, run);
    return run;
  }

  @Override
  public void stack(CallStack stack) {
    stacks.add(stack);
  }

  @Override
  public void batch(EncodedBatch batch) {
    try {
      cursor.reset(batch.body(), 0, batch.body().length);
      batch(cursor);
    } catch (MalformedBatchException e) {
      malformed();
    }
  }

  /** Takes a batch of a file that was decoded; the cursor stands before its first event. */
  void batch(EventCursor decoded) {
    each.run();
    take(decoded);
  }

  /** One of a file could not be decoded. */
  void malformed() {
    undecodable++;
  }

  @Override
  public void trace(TraceStatement statement) {
    each.run();
    TraceBook book = traces.get(statement.getSession());
    if (book != null) {
      book.add(statement);
      statements.accept(statement);
    } else if (asked.test(statement.getSession())) {
      undecodable++;
    }
  }

  /**
   * Takes a statement from a topic.
   *
   * @throws MalformedBatchException if none is like it, or under a key that is not its own
   */
  void trace(byte[] key, TraceStatement statement) throws MalformedBatchException {
    TraceRules.check(statement);
    RecordKeys.check(key, statement);
    if (statement.getRow() != null && statement.getRow().getStackId() != null) {
      referred.add(StackId.of(statement.getRow().getStackId()));
    }
    trace(statement);
  }

  /**
   * Takes a batch from a topic.
   *
   * @return false for a marker, which says nothing
   * @throws MalformedBatchException if it is none, or under a key that is not its own
   */
  boolean batch(byte[] key, byte[] message) throws MalformedBatchException {
    BatchHeader header = EventBatchCodec.read(message, cursor);
    RecordKeys.check(key, header);
    referred.addAll(cursor.stacks());
    take(cursor);
    return !header.isMarker();
  }

  /** Whether all stacks to which the batches of a topic refer are there, with symbols. */
  boolean isNamed() {
    return referred.stream().allMatch(id -> id.equals(StackId.UNKNOWN) || stacks.isNamed(id));
  }

  /** Forgets the batches of a session, as if none had come. */
  void restart(String session) {
    runs.get(session).discard();
    LedgerRun run = begun(sessions.get(session));
    run.session(sessions.get(session));
    runs.put(session, run);
    traces.computeIfPresent(session, (id, book) -> book(sessions.get(id)));
  }

  private void take(EventCursor decoded) {
    String session = decoded.header().key().session();
    LedgerRun run = runs.get(session);
    if (run != null) {
      events += decoded.eventCount();
      run.batch(decoded);
    } else if (asked.test(session)) {
      undecodable++;
    }
  }

  /** Memory that the ledgers take, and what tracers stated, roughly. */
  public long heldBytes() {
    return runs.values().stream().mapToLong(LedgerRun::heldBytes).sum()
        + traces.values().stream().mapToLong(TraceBook::heldBytes).sum()
        + listenerBytes.getAsLong();
  }

  /** Events in the batches that came, of the sessions asked for. */
  public long events() {
    return events;
  }

  /** Batches that could not be decoded or belong to no known session. */
  public long undecodable() {
    return undecodable;
  }

  public Map<String, Session> sessions() {
    return sessions;
  }

  public LedgerRun run(String sessionId) {
    return runs.get(sessionId);
  }

  /** What the tracer of a session stated; null for a session that records allocations. */
  public TraceBook trace(String sessionId) {
    return traces.get(sessionId);
  }

  /**
   * For who asks for allocations.
   *
   * @throws UsageException when one of the sessions is a trace
   */
  public void refuseTraces() {
    traces.keySet().stream()
        .findFirst()
        .ifPresent(id -> {
          throw new UsageException(
              "session "
                  + id
                  + " is a trace and has no allocations: report tells what was counted");
        });
  }

  public StackBook stacks() {
    return stacks;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
