package io.unfreed.query;

import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.query.Mark;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Named moments of batches that pass by. One thread adds, others may read. */
public final class MarkBook {
  private static final Logger LOG = LoggerFactory.getLogger(MarkBook.class);

  private final Set<Mark> marks = new ConcurrentSkipListSet<>(Mark.ORDER);

  /**
   * Most batches have no label, and those without one are not decoded. A malformed one has no
   * marks: it counts as lost for all who read it.
   */
  public void add(EncodedBatch batch) {
    try {
      addLabels(batch);
    } catch (MalformedBatchException e) {
      LOG.debug("batch {} of {}: {}", batch.sequence(), batch.key(), e.getMessage());
    }
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
