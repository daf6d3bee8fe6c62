package io.unfreed.cli.command;

import io.unfreed.cli.option.Terminals;
import io.unfreed.collector.sink.ForwardingSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.wire.EncodedBatch;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/** Shows on a terminal how many events have passed, about twice a second; wipes the line after. */
final class ProgressSink extends ForwardingSink {
  private static final long PAUSE_NANOS = 500_000_000L;

  private final String doing;
  private final PrintStream err;
  private long events;
  private long saidNanos = System.nanoTime();
  private boolean said;

  private ProgressSink(RecordingSink target, String doing, PrintStream err) {
    super(target);
    this.doing = doing;
    this.err = err;
  }

  /** The sink itself when nobody is watching. */
  static RecordingSink around(RecordingSink target, String doing) {
    return Terminals.isErrTerminal() ? new ProgressSink(target, doing, System.err) : target;
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    super.batch(batch);
    events += batch.eventCount();
    long now = System.nanoTime();
    if (now - saidNanos > PAUSE_NANOS) {
      saidNanos = now;
      said = true;
      err.printf(Locale.ROOT, "\runfreed: %s: %.1f million events", doing, events / 1e6);
      err.flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (said) {
      err.print("\r\033[K");
      err.flush();
    }
    super.close();
  }
}
