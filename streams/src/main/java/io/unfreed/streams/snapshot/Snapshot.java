package io.unfreed.streams.snapshot;

import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A whole snapshot.
 *
 * @param header of what it is the state
 * @param pieces the state, as {@link SnapshotOut} made them
 */
public record Snapshot(SnapshotHeader header, List<byte[]> pieces) {
  public Snapshot {
    pieces = List.copyOf(pieces);
  }

  /** A snapshot of the state behind all records before an offset. */
  public static Snapshot of(UUID topicId, int partition, long nextOffset, List<byte[]> pieces) {
    return new Snapshot(
        new SnapshotHeader(topicId, partition, nextOffset, pieces.size(), checksum(pieces)),
        pieces);
  }

  /** Whether these are the pieces that the header announced. */
  public boolean isWhole() {
    return header.pieces() == pieces.size() && header.checksum() == checksum(pieces);
  }

  /** Bytes of all pieces. */
  public long bytes() {
    return pieces.stream().mapToLong(piece -> piece.length).sum();
  }

  private static int checksum(List<byte[]> pieces) {
    CRC32C sum = new CRC32C();
    pieces.forEach(sum::update);
    return (int) sum.getValue();
  }
}
