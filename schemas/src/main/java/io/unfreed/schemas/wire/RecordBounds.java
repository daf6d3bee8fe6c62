package io.unfreed.schemas.wire;

/**
 * How large a record may be to be read. Ours have up to 512 kB. What is made of a record may be
 * somewhat larger than it, and Kafka's default for topics is 1,048,588 bytes: a service that could
 * not publish what it made of one would stop there again at every start.
 */
public final class RecordBounds {
  /** Of its value. */
  public static final int LARGEST_BYTES = 768 << 10;

  private RecordBounds() {}

  /** Refuses a larger one; none at all is for others to refuse. */
  public static void check(byte[] value) throws MalformedBatchException {
    if (value != null && value.length > LARGEST_BYTES) {
      throw new MalformedBatchException(
          "a record of " + value.length + " bytes, at most " + LARGEST_BYTES + " are read");
    }
  }
}
