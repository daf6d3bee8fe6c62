package io.unfreed.collector.importer;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sink that keeps everything. */
final class Recorded implements RecordingSink {
  final List<Session> sessions = new ArrayList<>();
  final Map<StackId, CallStack> stacks = new LinkedHashMap<>();
  final List<EncodedBatch> batches = new ArrayList<>();
  ImportResult result;

  @Override
  public void session(Session session) {
    sessions.add(session);
  }

  @Override
  public void stack(CallStack stack) {
    stacks.put(StackId.of(stack.getStackId()), stack);
  }

  @Override
  public void batch(EncodedBatch batch) {
    batches.add(batch);
  }

  @Override
  public void trace(TraceStatement statement) {
    throw new AssertionError("an import is no trace");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  /** One text per event: code, time in ms, address, size, and the stack's innermost address. */
  List<String> events() {
    List<String> events = new ArrayList<>();
    EventCursor cursor = new EventCursor();
    for (EncodedBatch batch : batches) {
      try {
        cursor.reset(batch.body(), 0, batch.body().length);
      } catch (MalformedBatchException e) {
        throw new AssertionError(e);
      }
      while (cursor.next()) {
        events.add(text(cursor));
      }
    }
    return events;
  }

  private static String text(EventCursor event) {
    long millis = event.timeNanos() / 1_000_000;
    return switch (event.code()) {
      case EventCodes.ALLOC_HEAP -> "%d: + %x %x".formatted(millis, event.address(), event.value());
      case EventCodes.FREE_HEAP -> "%d: - %x".formatted(millis, event.address());
      case EventCodes.END -> "%d: end %d %d".formatted(millis, event.value(0), event.value(1));
      default -> throw new AssertionError("unexpected code " + event.code());
    };
  }

  long bodyBytes() {
    return batches.stream().mapToLong(b -> b.body().length).sum();
  }
}
