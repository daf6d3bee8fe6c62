package io.unfreed.benchmarks.restart;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.util.List;

/** One process that keeps as many blocks as its window: frees the oldest, allocates another. */
final class ChurnSession {
  private static final int STACKS = 50;
  private static final long TICK_NANOS = 1_000_000_000L;
  private static final long NANOS_PER_EVENT = 1_000;

  final String id;
  private final int window;
  private final EventBatchBuilder builder;
  private BatchHeader last;
  private long events;

  ChurnSession(String id, int number, int window, RecordingSink sink) throws IOException {
    this.id = id;
    this.window = window;
    sink.session(
        Session.newBuilder()
            .setSessionId(id)
            .setSource(Source.OTHER)
            .setTickNanos(TICK_NANOS)
            .build());
    StackDictionary dictionary = new StackDictionary();
    for (int i = 0; i < STACKS; i++) {
      StackId stack = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/churn", i)));
      dictionary.number(stack);
      Frame frame = Frame.newBuilder().setModule("/bin/churn").setSymbol("f" + i).build();
      sink.stack(new CallStack(stack.toHash(), Quality.SYMBOLS, List.of(frame)));
    }
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey(id, number + "-1", 0), 1, TICK_NANOS, false),
            new Process(number, 1L, "churn", null),
            dictionary);
  }

  /** Publishes a full batch more. */
  void publish(RecordingSink sink) throws IOException {
    while (!builder.isFull()) {
      add();
    }
    send(sink);
  }

  /** Events so far. */
  long events() {
    return events;
  }

  /** Asks for an answer with this token. */
  void ask(RecordingSink sink, String token) throws IOException {
    sink.batch(EventBatchBuilder.marker(last, token));
  }

  /** The process is over. */
  void end(RecordingSink sink) throws IOException {
    builder.end(events * NANOS_PER_EVENT, events, 0);
    send(sink);
  }

  private void send(RecordingSink sink) throws IOException {
    EncodedBatch batch = builder.encode();
    ByteCursor cursor = new ByteCursor();
    cursor.reset(batch.body(), 0, batch.body().length);
    try {
      last = EventBatchCodec.skip(cursor);
    } catch (MalformedBatchException e) {
      throw new IOException(e);
    }
    sink.batch(batch);
  }

  private void add() {
    long now = events * NANOS_PER_EVENT;
    long step = events < window ? events : window + (events - window) / 2;
    int slot = (int) (step % window);
    long address = 0x10000 + 64L * slot;
    if (events >= window && (events - window) % 2 == 0) {
      builder.release(EventCodes.FREE_HEAP, now, 1, address);
    } else {
      int size = 16 + (int) (step % 500);
      builder.allocate(EventCodes.ALLOC_HEAP, now, 1, address, size, (int) (step % STACKS));
    }
    events++;
  }
}
