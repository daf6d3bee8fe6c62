package io.unfreed.query;

import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.query.Mark;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Named moments of batches that pass by. One thread adds, others may read. */
public final class MarkBook {
  private final Set<Mark> marks = new ConcurrentSkipListSet<>(Mark.ORDER);

  /**
   * Most batches have no label, and those without one are not decoded.
   *
   * @throws IOException the batch is malformed
   */
  public void add(EncodedBatch batch) throws IOException {
    try {
      addLabels(batch);
    } catch (MalformedBatchException e) {
      throw malformed(batch, e);
    }
  }

  /** What is wrong with a batch, and with which. */
  static IOException malformed(EncodedBatch batch, MalformedBatchException e) {
    return new IOException(
        "batch " + batch.sequence() + " of " + batch.key() + ": " + e.getMessage(), e);
  }

  private void addLabels(EncodedBatch batch) throws MalformedBatchException {
    ByteCursor peek = new ByteCursor();
    peek.reset(batch.body(), 0, batch.body().length);
    if (EventBatchCodec.hasLabels(peek)) {
      EventCursor cursor = new EventCursor();
      cursor.reset(batch.body(), 0, batch.body().length);
      while (cursor.next()) {
        if (cursor.code() == EventCodes.MARK) {
          marks.add(new Mark(batch.key().incarnationKey(), cursor.label(), cursor.timeNanos()));
        }
      }
    }
  }

  /** Those so far, by time; grows with what passes by. */
  public Collection<Mark> marks() {
    return Collections.unmodifiableCollection(marks);
  }
}
