package io.unfreed.schemas.wire;

import io.unfreed.schemas.EventBatch;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Event batches of any version as this version writes them. What a version needs is worked out once
 * and kept; a version that could not be found is asked for again. Not thread-safe.
 */
public final class BatchVersions {
  private final WriterSchemas later;
  private final Map<Long, BatchConversion> conversions = new HashMap<>();
  private final ByteCursor in = new ByteCursor();

  /**
   * Versions known here, and others.
   *
   * @param later where the schemas of later versions are found
   */
  public BatchVersions(WriterSchemas later) {
    this.later = later;
  }

  /**
   * A record value as this version writes it: the value itself, or a copy made from another
   * version's.
   *
   * @throws MalformedBatchException for anything but an event batch of a version that can be read
   */
  public byte[] current(byte[] message) throws MalformedBatchException {
    RecordBounds.check(message);
    if (EventBatchCodec.isCurrent(message)) {
      return message;
    }
    long fingerprint = EventBatchCodec.fingerprint(message);
    BatchConversion conversion = conversions.get(fingerprint);
    if (conversion == null) {
      conversion = conversion(fingerprint);
      conversions.put(fingerprint, conversion);
    }
    int head = EventBatchCodec.headerLength();
    in.reset(message, head, message.length - head);
    byte[] body = conversion.toCurrent(in);
    if (in.remaining() != 0) {
      throw new MalformedBatchException(in.remaining() + " bytes behind the last column");
    }
    return EventBatchCodec.toMessage(body);
  }

  /** Puts {@code cursor} on the batch of a record value. */
  public BatchHeader read(byte[] message, EventCursor cursor) throws MalformedBatchException {
    byte[] current = current(message);
    int head = EventBatchCodec.headerLength();
    return cursor.reset(current, head, current.length - head);
  }

  private BatchConversion conversion(long fingerprint) throws MalformedBatchException {
    Schema schema =
        OlderSchemas.of(EventBatch.getClassSchema().getName()).findByFingerprint(fingerprint);
    if (schema == null) {
      schema = later.find(fingerprint);
    }
    if (schema == null) {
      throw new MalformedBatchException(UnknownSchema.text("event batch", fingerprint));
    }
    try {
      return BatchConversion.from(schema);
    } catch (MalformedBatchException e) {
      throw new MalformedBatchException(
          "no event batch that can be read here: the schema with the fingerprint %016x: %s"
              .formatted(fingerprint, e.getMessage()),
          e);
    }
  }
}
