package io.unfreed.cli.command;

import io.unfreed.cli.kafka.KnownSessions;
import io.unfreed.cli.output.StackBook;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.query.LedgerRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Answers queries straight from a recording: a ledger run per session, its facts and its stacks. A
 * batch that cannot be decoded is counted; the gap it leaves is loss.
 */
final class LedgerSink implements RecordingSink {
  private final QueryOptions options;
  private final Predicate<String> asked;
  private final StackBook stacks = new StackBook();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final Map<String, LedgerRun> runs = new LinkedHashMap<>();
  private final EventCursor cursor = new EventCursor();
  private long undecodable;

  /** Answers about every session. */
  LedgerSink(QueryOptions options) {
    this(options, session -> true);
  }

  /**
   * Answers about some sessions and passes over the others.
   *
   * @param asked tells by its id whether a session is asked for
   */
  LedgerSink(QueryOptions options, Predicate<String> asked) {
    this.options = options;
    this.asked = asked;
  }

  @Override
  public void session(Session session) {
    if (!asked.test(session.getSessionId())) {
      return;
    }
    sessions.merge(session.getSessionId(), session, KnownSessions::merged);
    runs.computeIfAbsent(session.getSessionId(), id -> new LedgerRun(options.forSession(session)))
        .session(session);
  }

  @Override
  public void stack(CallStack stack) {
    stacks.add(stack);
  }

  @Override
  public void batch(EncodedBatch batch) {
    batch(batch.body(), 0, batch.body().length);
  }

  /** Takes the body of a batch inside a larger array. */
  void batch(byte[] bytes, int offset, int length) {
    try {
      String session = cursor.reset(bytes, offset, length).key().session();
      LedgerRun run = runs.get(session);
      if (run != null) {
        run.batch(cursor);
      } else if (asked.test(session)) {
        undecodable++;
      }
    } catch (MalformedBatchException e) {
      undecodable++;
    }
  }

  /** Batches that could not be decoded or belong to no known session. */
  long undecodable() {
    return undecodable;
  }

  Map<String, Session> sessions() {
    return sessions;
  }

  LedgerRun run(String sessionId) {
    return runs.get(sessionId);
  }

  StackBook stacks() {
    return stacks;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
