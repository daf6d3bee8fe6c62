package io.unfreed.collector.sink;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;

/**
 * Where a recording goes: a capture file, Kafka, or a ledger in this process. The order of calls is
 * the order of the recording: the session first, every stack before the first batch that uses it,
 * batches of one lane and statements of a tracer by sequence, and the session again, with its end,
 * last. Called by one thread.
 */
public interface RecordingSink extends AutoCloseable {
  /** A session, once at its start and once more with {@code end} set. */
  void session(Session session) throws IOException;

  /** A call stack, before its first use. */
  void stack(CallStack stack) throws IOException;

  /** The next batch of a lane. */
  void batch(EncodedBatch batch) throws IOException;

  /** What a tracer had counted at a tick. */
  void trace(TraceStatement statement) throws IOException;

  /**
   * What follows stands here in its file, and reading can go on from here another time; only files
   * that are blocks say it.
   *
   * @param offset of the next block's first byte
   */
  default void place(long offset) throws IOException {}

  /** Everything given so far is safe when this returns. */
  void flush() throws IOException;

  @Override
  void close() throws IOException;
}
