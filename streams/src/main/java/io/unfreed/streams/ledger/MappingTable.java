package io.unfreed.streams.ledger;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Outstanding mappings of one process as pieces of its address range. A mapping is one allocation:
 * it counts until its last byte is unmapped, its bytes fall with every piece. Mappings are rare
 * beside heap blocks, so this one is made of objects. Not thread-safe.
 */
final class MappingTable {
  private static final int SNAPSHOT_VERSION = 1;

  /** Unit of mappings: lengths are rounded up to it. */
  static final long PAGE_BYTES = 4096;

  /** Behind every address of a process; a range that begins further up is moved down to it. */
  private static final long LARGEST_START = 1L << 60;

  /** One mapping, as long as a byte of it is left. */
  static final class Mapping {
    final long number;

    /** Where it began; 0 in a restored state. */
    final long startAddress;

    final long lengthBytes;
    int site;
    final long timeNanos;
    long leftBytes;

    private Mapping(long number, long startAddress, long lengthBytes, int site, long timeNanos) {
      this.number = number;
      this.startAddress = startAddress;
      this.lengthBytes = lengthBytes;
      this.site = site;
      this.timeNanos = timeNanos;
      this.leftBytes = lengthBytes;
    }
  }

  /**
   * A piece that was taken from a mapping.
   *
   * @param end the address behind its last byte
   * @param leftBytes what is left of the mapping behind it
   */
  record Cut(Mapping mapping, long bytes, long end, long leftBytes) {

    /** Whether nothing of the mapping is left. */
    boolean isLast() {
      return leftBytes == 0;
    }
  }

  private record Piece(long start, long end, Mapping mapping) {}

  private final TreeMap<Long, Piece> pieces = new TreeMap<>();
  private long nextNumber;

  /** Number that the next mapping will get. */
  long nextNumber() {
    return nextNumber;
  }

  /** Rounds a length up to whole pages, at least one. */
  static long roundUp(long lengthBytes) {
    return (Math.clamp(lengthBytes, 1, Accounts.LARGEST_BYTES) + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  /** Where a range begins, so that neither its end nor the sum of all ranges overflows. */
  static long start(long address) {
    return Math.clamp(address, 0L, LARGEST_START);
  }

  /** Adds a mapping over a range that is free of others. */
  Mapping map(long start, long lengthBytes, int site, long timeNanos) {
    Mapping mapping = new Mapping(nextNumber++, start, lengthBytes, site, timeNanos);
    pieces.put(start, new Piece(start, start + lengthBytes, mapping));
    return mapping;
  }

  /** Whether a byte of the range belongs to a known mapping. */
  boolean touches(long start, long lengthBytes) {
    Map.Entry<Long, Piece> last = pieces.lowerEntry(start + lengthBytes);
    return last != null && last.getValue().end() > start;
  }

  /**
   * Takes a range away from the mappings made before number {@code firstLater}.
   *
   * @return what was taken, by mapping, lowest address first
   */
  List<Cut> unmap(long start, long lengthBytes, long firstLater) {
    long end = start + lengthBytes;
    Map.Entry<Long, Piece> first = pieces.floorEntry(start);
    long from = first != null && first.getValue().end() > start ? first.getKey() : start;
    List<Cut> cuts = new ArrayList<>();
    for (Piece piece : List.copyOf(pieces.subMap(from, Math.max(from, end)).values())) {
      if (piece.mapping().number < firstLater) {
        cuts.add(cut(piece, start, end));
      }
    }
    return cuts;
  }

  /** Every mapping of which something is left. */
  Collection<Mapping> mappings() {
    IdentityHashMap<Mapping, Mapping> all = new IdentityHashMap<>();
    for (Piece piece : pieces.values()) {
      all.put(piece.mapping(), piece.mapping());
    }
    return all.values();
  }

  void clear() {
    pieces.clear();
  }

  private Cut cut(Piece piece, long start, long end) {
    pieces.remove(piece.start());
    if (piece.start() < start) {
      pieces.put(piece.start(), new Piece(piece.start(), start, piece.mapping()));
    }
    if (piece.end() > end) {
      pieces.put(end, new Piece(end, piece.end(), piece.mapping()));
    }
    long bytes = Math.min(piece.end(), end) - Math.max(piece.start(), start);
    piece.mapping().leftBytes -= bytes;
    return new Cut(piece.mapping(), bytes, Math.min(piece.end(), end), piece.mapping().leftBytes);
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(nextNumber);
    Collection<Mapping> all = mappings();
    out.put(all.size());
    for (Mapping mapping : all) {
      out.put(mapping.number);
      out.put(mapping.lengthBytes);
      out.put(mapping.site);
      out.put(mapping.timeNanos);
      out.put(mapping.leftBytes);
    }
    out.put(pieces.size());
    for (Piece piece : pieces.values()) {
      out.put(piece.start());
      out.put(piece.end());
      out.put(piece.mapping().number);
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "mappings");
    nextNumber = in.getLong();
    Map<Long, Mapping> byNumber = new HashMap<>();
    for (int count = in.getCount(); count > 0; count--) {
      Mapping mapping = new Mapping(in.getLong(), 0, in.getLong(), in.getInt(), in.getLong());
      mapping.leftBytes = in.getLong();
      byNumber.put(mapping.number, mapping);
    }
    for (int count = in.getCount(); count > 0; count--) {
      long start = in.getLong();
      pieces.put(start, new Piece(start, in.getLong(), byNumber.get(in.getLong())));
    }
  }
}
