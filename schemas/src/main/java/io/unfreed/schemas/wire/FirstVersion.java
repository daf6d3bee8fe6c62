package io.unfreed.schemas.wire;

import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Event batches as the first version wrote them: without what the header says of the process's
 * recording and of the stacks of releases, and without their column.
 *
 * <pre>
 *   first    session .. process              baseNanos .. stackRefs
 *   current  session .. process, null, false, baseNanos .. stackRefs, empty releaseRefs
 * </pre>
 */
public final class FirstVersion {
  private static final int MORE_BYTES = 3;
  private static final int COLUMNS = 6;

  private FirstVersion() {}

  /** Whether a schema, that of a capture, is the first version's of event batches. */
  public static boolean isSchema(Schema schema) {
    return SchemaNormalization.parsingFingerprint64(schema)
        == SchemaNormalization.parsingFingerprint64(OlderSchemas.first("EventBatch"));
  }

  /** The body of the same batch as this version writes it. */
  public static byte[] toCurrent(byte[] bytes, int offset, int length)
      throws MalformedBatchException {
    ByteCursor in = new ByteCursor();
    in.reset(bytes, offset, length);
    skipToProcessEnd(in);
    int head = in.position() - offset;
    byte[] current = new byte[length + MORE_BYTES];
    System.arraycopy(bytes, offset, current, 0, head);
    System.arraycopy(bytes, offset + head, current, head + 2, length - head);
    return current;
  }

  /** Steps over the body of a batch. */
  public static void skip(ByteCursor in) throws MalformedBatchException {
    skipToProcessEnd(in);
    in.readLong();
    in.readLong();
    in.readInt();
    in.readNullableText();
    EventBatchCodec.skipColumns(in, COLUMNS);
  }

  /** Whether a single-object header is that of the first version's batches. */
  static boolean wrote(byte[] message) {
    return EventBatchCodec.beginsWith(message, Header.BYTES);
  }

  private static void skipToProcessEnd(ByteCursor in) throws MalformedBatchException {
    in.readText();
    in.readText();
    in.readInt();
    in.readInt();
    in.readLong();
    in.readLong();
    in.readLong();
    in.readBoolean();
    in.readNullableInt();
    in.readNullableLong();
    in.readNullableText();
  }

  /** Made at first use: few ever meet an old batch. */
  private static final class Header {
    static final byte[] BYTES = EventBatchCodec.header(OlderSchemas.first("EventBatch"));

    private Header() {}
  }
}
