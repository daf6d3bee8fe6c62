package io.unfreed.server.answer;

import io.unfreed.collector.sink.ForwardingSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;
import java.time.Duration;

/** Passes events on as long as a question may take. */
final class PatientSink extends ForwardingSink {
  private final Duration patience;
  private final long beganNanos = System.nanoTime();

  PatientSink(RecordingSink target, Duration patience) {
    super(target);
    this.patience = patience;
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    if (System.nanoTime() - beganNanos > patience.toNanos()) {
      throw new TooCostlyException(
          "reading the events took longer than " + patience.toSeconds() + " s");
    }
    super.batch(batch);
  }
}
