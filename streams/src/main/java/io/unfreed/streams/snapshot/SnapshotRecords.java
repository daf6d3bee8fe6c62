package io.unfreed.streams.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Snapshots as records of a compacted topic. The manifest is the last record of a set; a piece says
 * which snapshot it belongs to, so that pieces of two are never put together. Pieces that the one
 * before had and this one has not are tombstones.
 *
 * <pre>
 *   key PARTITION/NUMBER     value next offset (8), checksum of all pieces (4), the piece
 *   key PARTITION/manifest   value {@link SnapshotHeader}
 * </pre>
 */
public final class SnapshotRecords {
  private static final int ID_BYTES = Long.BYTES + Integer.BYTES;
  private static final String MANIFEST = "manifest";

  private SnapshotRecords() {}

  /** A record; a null value is a tombstone. */
  public record Entry(String key, byte[] value) {}

  /**
   * The records of a snapshot, in the order they must be written.
   *
   * @param piecesBefore of the snapshot that this one replaces
   */
  public static List<Entry> of(Snapshot snapshot, int piecesBefore) {
    SnapshotHeader header = snapshot.header();
    List<Entry> entries = new ArrayList<>();
    for (int number = header.pieces(); number < piecesBefore; number++) {
      entries.add(new Entry(header.partition() + "/" + number, null));
    }
    for (int number = 0; number < header.pieces(); number++) {
      byte[] piece = snapshot.pieces().get(number);
      byte[] value = Arrays.copyOf(id(header), ID_BYTES + piece.length);
      System.arraycopy(piece, 0, value, ID_BYTES, piece.length);
      entries.add(new Entry(header.partition() + "/" + number, value));
    }
    entries.add(new Entry(manifestKey(header.partition()), header.toBytes()));
    return entries;
  }

  /** The key of a partition's manifest. */
  public static String manifestKey(int partition) {
    return partition + "/" + MANIFEST;
  }

  /** The partition that a record is about, by its key. */
  public static int partition(byte[] key) {
    String text = new String(key, StandardCharsets.UTF_8);
    return Integer.parseInt(text.substring(0, text.indexOf('/')));
  }

  /** Puts the pieces of one snapshot together. */
  public static final class Assembly {
    private final SnapshotHeader header;
    private final byte[] id;
    private final Map<String, byte[]> pieces = new HashMap<>();

    /** Nothing yet of the snapshot that a manifest announced. */
    public Assembly(SnapshotHeader header) {
      this.header = header;
      this.id = id(header);
    }

    /** Takes any record of the topic. */
    public void add(String key, byte[] value) {
      if (value != null
          && value.length >= ID_BYTES
          && Arrays.equals(value, 0, ID_BYTES, id, 0, ID_BYTES)) {
        pieces.put(key, Arrays.copyOfRange(value, ID_BYTES, value.length));
      }
    }

    /** The whole; null while a piece is missing. */
    public Snapshot whole() {
      List<byte[]> inOrder = new ArrayList<>();
      for (int number = 0; number < header.pieces(); number++) {
        byte[] piece = pieces.get(header.partition() + "/" + number);
        if (piece == null) {
          return null;
        }
        inOrder.add(piece);
      }
      Snapshot snapshot = new Snapshot(header, inOrder);
      return snapshot.isWhole() ? snapshot : null;
    }
  }

  private static byte[] id(SnapshotHeader header) {
    return ByteBuffer.allocate(ID_BYTES)
        .putLong(header.nextOffset())
        .putInt(header.checksum())
        .array();
  }
}
