package io.unfreed.schemas.wire;

import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.stack.StackId;
import java.util.Arrays;
import org.apache.avro.SchemaNormalization;

/**
 * Avro single-object encoding of event batches: two marker bytes, the schema's 64-bit fingerprint,
 * the body (Avro specification, "Single-object encoding").
 */
public final class EventBatchCodec {
  private static final byte[] HEADER = header();

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
   * Checks the header of a record value.
   *
   * @return where the body begins
   * @throws MalformedBatchException for anything but a value written with this schema
   */
  public static int bodyOffset(byte[] message) throws MalformedBatchException {
    if (message == null || message.length < HEADER.length) {
      throw new MalformedBatchException(
          "no event batch: " + (message == null ? "null value" : message.length + " bytes"));
    }
    if (!Arrays.equals(message, 0, HEADER.length, HEADER, 0, HEADER.length)) {
      throw new MalformedBatchException("no event batch: header bytes do not match the schema");
    }
    return HEADER.length;
  }

  /** Puts {@code cursor} on the batch of a record value. */
  public static BatchHeader read(byte[] message, EventCursor cursor)
      throws MalformedBatchException {
    int offset = bodyOffset(message);
    return cursor.reset(message, offset, message.length - offset);
  }

  /** Reads the header only, and steps over the columns; for routing without decoding. */
  public static BatchHeader skip(ByteCursor in) throws MalformedBatchException {
    BatchHeader header = BatchHeader.read(in);
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      in.take((int) Math.min(Integer.MAX_VALUE, (long) n * StackId.BYTES));
    }
    for (int n = in.readBlockCount(in.remaining()); n != 0; n = in.readBlockCount(in.remaining())) {
      for (int i = 0; i < n; i++) {
        in.readText();
      }
    }
    for (int column = 0; column < 6; column++) {
      in.skipNumbers();
    }
    return header;
  }

  private static byte[] header() {
    long fingerprint = SchemaNormalization.parsingFingerprint64(EventBatch.getClassSchema());
    byte[] header = new byte[10];
    header[0] = (byte) 0xC3;
    header[1] = 0x01;
    for (int i = 0; i < Long.BYTES; i++) {
      header[2 + i] = (byte) (fingerprint >>> (8 * i));
    }
    return header;
  }
}
