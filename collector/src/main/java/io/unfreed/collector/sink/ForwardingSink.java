package io.unfreed.collector.sink;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;

/** Passes a recording on as it is; for those who look at some of it on its way. */
public abstract class ForwardingSink implements RecordingSink {
  private final RecordingSink target;

  /** Passes on to a sink, which is closed with this one. */
  protected ForwardingSink(RecordingSink target) {
    this.target = target;
  }

  @Override
  public void session(Session session) throws IOException {
    target.session(session);
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    target.stack(stack);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    target.batch(batch);
  }

  @Override
  public void trace(TraceStatement statement) throws IOException {
    target.trace(statement);
  }

  @Override
  public void place(long offset) throws IOException {
    target.place(offset);
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
