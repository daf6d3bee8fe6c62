package io.unfreed.schemas.wire;

import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.stack.StackId;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Avro single-object encoding of event batches: two marker bytes, the schema's 64-bit fingerprint,
 * the body (Avro specification, "Single-object encoding").
 */
public final class EventBatchCodec {
  private static final byte[] HEADER = header(EventBatch.getClassSchema());
  private static final int COLUMNS = 7;

  private EventBatchCodec() {}

  /** Bytes in front of the body. */
  public static int headerLength() {
    return HEADER.length;
  }

  /** The record value for a body. */
  public static byte[] toMessage(byte[] body) {
    return toMessage(body, 0, body.length);
  }

  /** The record value for a body inside a larger array. */
  public static byte[] toMessage(byte[] bytes, int offset, int length) {
    byte[] message = Arrays.copyOf(HEADER, HEADER.length + length);
    System.arraycopy(bytes, offset, message, HEADER.length, length);
    return message;
  }

  /**
   * A record value as this version writes it: the value itself, or a copy made from an earlier
   * version's.
   *
   * @throws MalformedBatchException for anything but an event batch of a version known here
   */
  public static byte[] current(byte[] message) throws MalformedBatchException {
    return isCurrent(message) ? message : new BatchVersions(WriterSchemas.NONE).current(message);
  }

  /** Puts {@code cursor} on the batch of a record value. */
  public static BatchHeader read(byte[] message, EventCursor cursor)
      throws MalformedBatchException {
    byte[] current = current(message);
    return cursor.reset(current, HEADER.length, current.length - HEADER.length);
  }

  /** The record value of a batch that has this header and no events. */
  public static byte[] withoutEvents(BatchHeader header) {
    ByteColumn out = new ByteColumn();
    header.write(out);
    for (int column = 0; column < COLUMNS + 2; column++) {
      out.putLong(0);
    }
    return toMessage(out.toByteArray());
  }

  /**
   * Whether a record value is of this version.
   *
   * @throws MalformedBatchException for anything without a single-object header
   */
  static boolean isCurrent(byte[] message) throws MalformedBatchException {
    if (message == null || message.length < HEADER.length) {
      throw new MalformedBatchException(
          "no event batch: " + (message == null ? "null value" : message.length + " bytes"));
    }
    if (message[0] != HEADER[0] || message[1] != HEADER[1]) {
      throw new MalformedBatchException("no event batch: no single-object header");
    }
    return Arrays.equals(message, 0, HEADER.length, HEADER, 0, HEADER.length);
  }

  /** Reads the header only, and steps over the columns; for routing without decoding. */
  public static BatchHeader skip(ByteCursor in) throws MalformedBatchException {
    BatchHeader header = BatchHeader.read(in);
    skipColumns(in);
    return header;
  }

  /** Whether any event of a batch has a label; reads no further than to the first. */
  public static boolean hasLabels(ByteCursor in) throws MalformedBatchException {
    BatchHeader.read(in);
    skipStacks(in);
    return in.readBlockCount(in.remaining()) != 0;
  }

  private static void skipStacks(ByteCursor in) throws MalformedBatchException {
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      in.take((int) Math.min(Integer.MAX_VALUE, (long) n * StackId.BYTES));
    }
  }

  private static void skipColumns(ByteCursor in) throws MalformedBatchException {
    skipStacks(in);
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        in.readText();
      }
    }
    for (int column = 0; column < COLUMNS; column++) {
      in.skipNumbers();
    }
  }

  /** The single-object header of records with a schema. */
  static byte[] header(Schema schema) {
    long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
    byte[] header = new byte[10];
    header[0] = (byte) 0xC3;
    header[1] = 0x01;
    for (int i = 0; i < Long.BYTES; i++) {
      header[2 + i] = (byte) (fingerprint >>> (8 * i));
    }
    return header;
  }

  /** The fingerprint in a single-object header. */
  static long fingerprint(byte[] message) {
    long fingerprint = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      fingerprint |= (message[2 + i] & 0xFFL) << (8 * i);
    }
    return fingerprint;
  }
}
