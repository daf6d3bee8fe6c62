package io.unfreed.collector.importer;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EncodedBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sink that keeps everything. */
final class Recorded implements RecordingSink {
  final List<Session> sessions = new ArrayList<>();
  final Map<StackId, CallStack> stacks = new LinkedHashMap<>();
  final List<EncodedBatch> batches = new ArrayList<>();

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
  public void flush() {}

  @Override
  public void close() {}

  long bodyBytes() {
    return batches.stream().mapToLong(b -> b.body().length).sum();
  }
}
