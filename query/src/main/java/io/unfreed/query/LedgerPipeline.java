package io.unfreed.query;

import io.unfreed.collector.sink.PipelinedSink;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Hands a file's recording to ledgers on a thread of their own. Batches are decoded before, on the
 * caller's thread: the ledgers' is the one that all wait for. Called by one thread.
 */
public final class LedgerPipeline extends PipelinedSink<LedgerSink> {
  /** One that is filled, one that waits, one whose events are applied. */
  private static final int CURSORS = 3;

  /** Decoded, a batch takes eight times as much at the most; a larger one waits as it is. */
  private static final int LARGEST_BYTES = 1 << 20;

  private final BlockingQueue<EventCursor> free = new ArrayBlockingQueue<>(CURSORS);

  /** Ledgers to which nothing was handed yet. */
  public LedgerPipeline(LedgerSink ledgers) {
    super(ledgers);
    for (int i = 0; i < CURSORS; i++) {
      free.add(new EventCursor());
    }
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    if (batch.body().length > LARGEST_BYTES) {
      super.batch(batch);
      return;
    }
    EventCursor cursor = take(free);
    try {
      cursor.reset(batch.body(), 0, batch.body().length);
    } catch (MalformedBatchException e) {
      free.add(cursor);
      give(LedgerSink::malformed);
      return;
    }
    give(ledgers -> {
      ledgers.batch(cursor);
      free.add(cursor);
    });
  }
}
