package io.unfreed.collector.importer;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The one lane of an imported recording: batches events and gives them to the sink. */
final class ImportLane {
  static {
    GeneratedClasses.trust();
  }

  /** Incarnation key of every import: the source tells neither tgid nor start time. */
  static final String INCARNATION = "import";

  private static final int NO_THREAD = 0;

  private Session session;
  private final RecordingSink sink;
  private final StackDictionary stacks = new StackDictionary();
  private final EventBatchBuilder builder;
  private long events;

  ImportLane(Session session, RecordingSink sink) throws IOException {
    this.session = session;
    this.sink = sink;
    LaneKey key = new LaneKey(session.getSessionId(), INCARNATION, 0);
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(key, 1, session.getTickNanos(), false),
            new Process(null, null, session.getCommand(), null),
            stacks);
    sink.session(session);
  }

  /** Events so far, the end not counted. */
  long events() {
    return events;
  }

  /** Stacks known so far. */
  int stackCount() {
    return stacks.size();
  }

  /** The number of a stack id; one that is new is the number of stacks known before. */
  int stackNumber(StackId id) {
    return stacks.number(id);
  }

  /** Gives a call stack to the sink; before the first event that uses it. */
  void stack(CallStack stack) throws IOException {
    sink.stack(stack);
  }

  void allocate(long timeNanos, long address, long sizeBytes, int stackNumber) throws IOException {
    if (builder.isFull()) {
      sink.batch(builder.encode());
    }
    builder.allocate(EventCodes.ALLOC_HEAP, timeNanos, NO_THREAD, address, sizeBytes, stackNumber);
    events++;
  }

  void free(long timeNanos, long address) throws IOException {
    if (builder.isFull()) {
      sink.batch(builder.encode());
    }
    builder.release(EventCodes.FREE_HEAP, timeNanos, NO_THREAD, address);
    events++;
  }

  /** What was found in it and is not to be reported. */
  void suppressions(List<String> lines) {
    session = Session.newBuilder(session).setSuppressions(lines).build();
  }

  /** The recording is whole: ends the lane and the session. */
  void end(long endNanos) throws IOException {
    if (builder.isFull()) {
      sink.batch(builder.encode());
    }
    builder.end(endNanos, events, 0);
    builder.watermark(endNanos);
    sink.batch(builder.encode());
    Session closed =
        Session.newBuilder(session)
            .setEnd(new SessionEnd(endNanos, events, events, 0L, Map.of()))
            .build();
    sink.session(closed);
  }

  /** The recording is not whole: what is there goes to the sink, the session stays open. */
  void leaveOpen(long lastNanos) throws IOException {
    builder.watermark(lastNanos);
    if (builder.eventCount() > 0 || builder.sequence() == 0) {
      sink.batch(builder.encode());
    }
    if (!session.getSuppressions().isEmpty()) {
      sink.session(session);
    }
  }
}
