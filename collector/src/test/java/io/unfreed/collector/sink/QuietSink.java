package io.unfreed.collector.sink;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;

/** Takes everything and keeps nothing, but for what a test looks at. */
public interface QuietSink extends RecordingSink {
  @Override
  default void session(Session session) throws IOException {}

  @Override
  default void stack(CallStack stack) {}

  @Override
  default void batch(EncodedBatch batch) {}

  @Override
  default void trace(TraceStatement statement) {}

  @Override
  default void flush() {}

  @Override
  default void close() {}
}
