package io.unfreed.schemas.topic;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Where the records of a session are, so that its readers need not look at those of others: a
 * header of the record that ends it, written by whoever published the whole of it. It is a hint:
 * topics are made anew, and retention removes what it points at.
 *
 * <pre>
 *   header  checksum ' ' extents of the events ';' extents of the stacks
 *   extents extent [',' extent ..]; none: empty
 *   extent  partition ':' first offset '-' last offset ':' records
 * </pre>
 *
 * The checksum is the CRC-32C, 8 hexadecimal digits, of the session's id, a space, and the rest.
 * Numbers are decimal. Records of others may lie between.
 *
 * @param events by partition of {@code unfreed.events}; markers are left out
 * @param stacks by partition of {@code unfreed.stacks}
 */
public record RecordExtents(Map<Integer, Extent> events, Map<Integer, Extent> stacks) {
  /** Header on the record of a session that has ended. */
  public static final String HEADER = "unfreed-extents";

  private static final int CHECKSUM_DIGITS = 8;

  /**
   * In one partition.
   *
   * @param first offset of the first record
   * @param last offset of the last record
   * @param records how many there are
   */
  public record Extent(long first, long last, long records) {
    public Extent {
      if (first < 0 || last < first || records < 1 || records - 1 > last - first) {
        throw new IllegalArgumentException(
            records + " records from offset " + first + " to " + last);
      }
    }

    /** With one more record. */
    public Extent plus(long offset) {
      return new Extent(Math.min(first, offset), Math.max(last, offset), records + 1);
    }
  }

  /** Copies the maps. */
  public RecordExtents {
    events = Collections.unmodifiableMap(new TreeMap<>(events));
    stacks = Collections.unmodifiableMap(new TreeMap<>(stacks));
  }

  /** The value of the header. */
  public byte[] toHeader(String session) {
    String extents = text(events) + ";" + text(stacks);
    return (checksum(session, extents) + " " + extents).getBytes(StandardCharsets.US_ASCII);
  }

  /** What a header says; null for anything but what {@link #toHeader} wrote for the session. */
  public static RecordExtents fromHeader(String session, byte[] value) {
    String text = value == null ? "" : new String(value, StandardCharsets.US_ASCII);
    if (text.length() <= CHECKSUM_DIGITS + 1) {
      return null;
    }
    String extents = text.substring(CHECKSUM_DIGITS + 1);
    int stacks = extents.indexOf(';');
    if (stacks < 0 || !text.startsWith(checksum(session, extents) + " ")) {
      return null;
    }
    try {
      return new RecordExtents(
          parse(extents.substring(0, stacks)), parse(extents.substring(stacks + 1)));
    } catch (IllegalArgumentException | IndexOutOfBoundsException notExtents) {
      return null;
    }
  }

  private static String checksum(String session, String extents) {
    CRC32C crc = new CRC32C();
    crc.update((session + " " + extents).getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(crc.getValue());
  }

  private static String text(Map<Integer, Extent> extents) {
    StringBuilder text = new StringBuilder();
    extents.forEach((partition, extent) ->
        text.append(text.isEmpty() ? "" : ",")
            .append(partition)
            .append(':')
            .append(extent.first())
            .append('-')
            .append(extent.last())
            .append(':')
            .append(extent.records()));
    return text.toString();
  }

  private static Map<Integer, Extent> parse(String text) {
    Map<Integer, Extent> extents = new TreeMap<>();
    for (int from = 0; from < text.length(); ) {
      int colon = text.indexOf(':', from);
      int dash = text.indexOf('-', colon);
      int second = text.indexOf(':', dash);
      int end = text.indexOf(',', second) < 0 ? text.length() : text.indexOf(',', second);
      extents.put(
          Integer.parseInt(text.substring(from, colon)),
          new Extent(
              Long.parseLong(text.substring(colon + 1, dash)),
              Long.parseLong(text.substring(dash + 1, second)),
              Long.parseLong(text.substring(second + 1, end))));
      from = end + 1;
    }
    return extents;
  }
}
