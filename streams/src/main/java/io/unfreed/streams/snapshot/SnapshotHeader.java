package io.unfreed.streams.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Of what a snapshot is the state. Big endian:
 *
 * <pre>
 *    0  8  magic "UNFREEDS"
 *    8  4  version of the layout of pieces, header and file; that of their content is in themselves
 *   12  4  partition
 *   16  8  next offset
 *   24 16  topic id
 *   40  4  number of pieces
 *   44  4  CRC-32C of all pieces, one behind the other
 * </pre>
 *
 * @param topicId id of the topic whose records were applied: one made anew by the same name has
 *     another
 * @param partition its partition
 * @param nextOffset the records before this offset were applied, and no others
 * @param pieces number of pieces
 * @param checksum CRC-32C of all pieces
 */
public record SnapshotHeader(
    UUID topicId, int partition, long nextOffset, int pieces, int checksum) {
  /** The layout that is written and read here. */
  static final int VERSION = 1;

  static final int BYTES = 48;

  private static final byte[] MAGIC = "UNFREEDS".getBytes(StandardCharsets.US_ASCII);

  /** The binary form. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .put(MAGIC)
        .putInt(VERSION)
        .putInt(partition)
        .putLong(nextOffset)
        .putLong(topicId.getMostSignificantBits())
        .putLong(topicId.getLeastSignificantBits())
        .putInt(pieces)
        .putInt(checksum)
        .array();
  }

  /**
   * Reads the binary form.
   *
   * @throws UnreadableSnapshotException for anything else, and for another version
   */
  public static SnapshotHeader of(byte[] bytes) {
    if (bytes == null || bytes.length < BYTES) {
      throw new UnreadableSnapshotException("it is cut off");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte[] magic = new byte[MAGIC.length];
    in.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new UnreadableSnapshotException("it is no snapshot");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw new UnreadableSnapshotException("version " + version + " is not known here");
    }
    int partition = in.getInt();
    long nextOffset = in.getLong();
    UUID topicId = new UUID(in.getLong(), in.getLong());
    int pieces = in.getInt();
    if (partition < 0 || nextOffset < 0 || pieces < 0) {
      throw new UnreadableSnapshotException("its header is damaged");
    }
    return new SnapshotHeader(topicId, partition, nextOffset, pieces, in.getInt());
  }
}
