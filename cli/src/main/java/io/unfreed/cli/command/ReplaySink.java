package io.unfreed.cli.command;

import io.unfreed.cli.output.StackBook;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Passes a recording on and remembers what is needed to ask about it and to print the answer. */
final class ReplaySink implements RecordingSink {
  private final RecordingSink target;
  private final QueryOptions query;
  private final StackBook stacks = new StackBook();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private final Map<LaneKey, EncodedBatch> lastBatches = new LinkedHashMap<>();
  private final String token = UUID.randomUUID().toString();

  ReplaySink(RecordingSink target, QueryOptions query) {
    this.target = target;
    this.query = query;
  }

  @Override
  public void session(Session session) throws IOException {
    query.forSession(session);
    sessions.put(session.getSessionId(), session);
    target.session(session);
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    stacks.add(stack);
    target.stack(stack);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    lastBatches.put(batch.key(), batch);
    target.batch(batch);
  }

  /**
   * Asks every lane of the incarnations given so far, also those of which no batch came: an
   * incarnation is answered when all of its lanes were asked.
   */
  void mark() throws IOException {
    Map<LaneKey, BatchHeader> headers = new LinkedHashMap<>();
    for (EncodedBatch last : lastBatches.values()) {
      headers.put(last.key(), header(last));
    }
    for (BatchHeader known : List.copyOf(headers.values())) {
      for (int lane = 0; lane < known.laneCount(); lane++) {
        BatchHeader ofLane = known.ofLane(lane);
        headers.putIfAbsent(ofLane.key(), ofLane);
      }
    }
    for (BatchHeader header : headers.values()) {
      target.batch(EventBatchBuilder.marker(header, token));
    }
  }

  /** What the asked reports carry. */
  String token() {
    return token;
  }

  /** Keys of the incarnations that were published. */
  Set<String> incarnations() {
    Set<String> keys = new LinkedHashSet<>();
    lastBatches.keySet().forEach(lane -> keys.add(lane.incarnationKey()));
    return keys;
  }

  Collection<Session> sessions() {
    return sessions.values();
  }

  StackBook stacks() {
    return stacks;
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }

  private static BatchHeader header(EncodedBatch batch) throws IOException {
    ByteCursor cursor = new ByteCursor();
    cursor.reset(batch.body(), 0, batch.body().length);
    try {
      return EventBatchCodec.skip(cursor);
    } catch (MalformedBatchException e) {
      throw new IOException(
          "batch " + batch.sequence() + " of " + batch.key() + ": " + e.getMessage(), e);
    }
  }
}
