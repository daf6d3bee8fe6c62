package io.unfreed.query;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A session of a few processes whose stacks nobody else has: each batch leaks one block. */
final class OneOfMany {
  static final int PROCESSES = 6;
  static final int BATCHES = 8;
  static final int STACKS = 5;

  final String id;
  final List<CallStack> stacks = new ArrayList<>();
  final List<EncodedBatch> batches = new ArrayList<>();
  private final Long startedEpochNanos;

  OneOfMany(String id, Long startedEpochNanos) {
    this.id = id;
    this.startedEpochNanos = startedEpochNanos;
    StackDictionary dictionary = new StackDictionary();
    for (int i = 0; i < STACKS; i++) {
      StackId stack = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/" + id, i)));
      dictionary.number(stack);
      Frame frame = Frame.newBuilder().setModule("/bin/" + id).setSymbol("f" + i).build();
      stacks.add(new CallStack(stack.toHash(), Quality.SYMBOLS, List.of(frame)));
    }
    for (int process = 0; process < PROCESSES; process++) {
      addProcess(process, dictionary);
    }
  }

  private void addProcess(int process, StackDictionary dictionary) {
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(
                new LaneKey(id, process + "-1", 0), 1, 1_000_000, false, false),
            new Process(process, 1L, id, null),
            dictionary);
    for (int batch = 1; batch <= BATCHES; batch++) {
      long now = batch * 1000L;
      builder.allocate(EventCodes.ALLOC_HEAP, now, 1, 64L * batch, 8, batch % STACKS);
      builder.allocate(EventCodes.ALLOC_HEAP, now + 1, 1, 64L * batch + 16, 8, 0);
      builder.release(EventCodes.FREE_HEAP, now + 2, 1, 64L * batch + 16);
      if (batch == BATCHES) {
        builder.end(now + 3, 0, 0);
      }
      batches.add(builder.encode());
    }
  }

  Session session(boolean ended) {
    long calls = 3L * PROCESSES * BATCHES;
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setStartedEpochNanos(startedEpochNanos)
        .setTickNanos(1_000_000)
        .setEnd(ended ? new SessionEnd(BATCHES * 1000L + 3, calls, calls, 0L, Map.of()) : null)
        .build();
  }

  /** Publishes all of it, with its end or without. */
  void publish(RecordingSink sink, boolean ended) throws IOException {
    sink.session(session(false));
    for (CallStack stack : stacks) {
      sink.stack(stack);
    }
    for (EncodedBatch batch : batches) {
      sink.batch(batch);
    }
    if (ended) {
      sink.session(session(true));
    }
    sink.flush();
  }
}
