package io.unfreed.server.answer;

import io.unfreed.collector.sink.ForwardingSink;
import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;

/** Passes events on as long as an answer may take. */
final class PatientSink extends ForwardingSink {
  private final Runnable watch;

  PatientSink(LedgerSink target, AnswerLimits limits) {
    super(target);
    watch = limits.watch(target);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    watch.run();
    super.batch(batch);
  }
}
