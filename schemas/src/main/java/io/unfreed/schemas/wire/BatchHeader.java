package io.unfreed.schemas.wire;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;

/**
 * Everything an event batch says about itself before its columns.
 *
 * @param key session, incarnation and lane
 * @param laneCount lanes of the incarnation, 1 to {@link #LARGEST_LANE_COUNT}
 * @param sequence 0, 1, 2, ...; {@link #MARKER_SEQUENCE} for a marker
 * @param firstOrdinal events of this lane before this batch; in a marker 0 when its sender does not
 *     know
 * @param tickNanos tick of the session; 0 when the source has no time
 * @param filtered sampling or record filters kept events out
 * @param process the incarnation as of the end of this batch
 * @param freeStacks the stack of each release is recorded
 * @param baseNanos session time to which the first time delta is added
 * @param watermarkNanos no later event of the lane is older
 * @param addressShift address deltas are stored shifted right by this
 * @param marker token of a marker, null otherwise
 */
public record BatchHeader(
    LaneKey key,
    int laneCount,
    long sequence,
    long firstOrdinal,
    long tickNanos,
    boolean filtered,
    Process process,
    boolean freeStacks,
    long baseNanos,
    long watermarkNanos,
    int addressShift,
    String marker) {

  /** Sequence of a batch that a replayer adds and that changes nothing. */
  public static final long MARKER_SEQUENCE = -1;

  /** Readers keep something per lane, so a batch may not announce any number of them. */
  public static final int LARGEST_LANE_COUNT = 4096;

  /**
   * Of each of its texts; those that are written here have a few kB. Whoever reads a batch may say
   * them again, with every stack, and brokers take no record of any size.
   */
  public static final int LARGEST_TEXT_BYTES = 32 << 10;

  public BatchHeader {
    require(laneCount >= 1 && laneCount <= LARGEST_LANE_COUNT, "lane count", laneCount);
    require(key.lane() < laneCount, "lane", key.lane());
    require(sequence >= MARKER_SEQUENCE && sequence < Long.MAX_VALUE, "sequence", sequence);
    require(firstOrdinal >= 0, "first ordinal", firstOrdinal);
    require(tickNanos >= 0, "tick", tickNanos);
    require(addressShift >= 0 && addressShift < Long.SIZE, "address shift", addressShift);
  }

  /** The same about another lane of the incarnation. */
  public BatchHeader ofLane(int lane) {
    return new BatchHeader(
        new LaneKey(key.session(), key.incarnation(), lane),
        laneCount,
        sequence,
        firstOrdinal,
        tickNanos,
        filtered,
        process,
        freeStacks,
        baseNanos,
        watermarkNanos,
        addressShift,
        marker);
  }

  /** True for a batch that asks for a report and carries no events. */
  public boolean isMarker() {
    return sequence == MARKER_SEQUENCE;
  }

  /** Kernel incarnation: its address spaces overlap. */
  public boolean kernel() {
    return process.getTgid() != null && process.getTgid() == 0;
  }

  static BatchHeader read(ByteCursor in) throws MalformedBatchException {
    try {
      LaneKey key = new LaneKey(readText(in), readText(in), in.readInt());
      return new BatchHeader(
          key,
          in.readInt(),
          in.readLong(),
          in.readLong(),
          in.readLong(),
          in.readBoolean(),
          new Process(
              in.readNullableInt(),
              in.readNullableLong(),
              in.readNullableText(LARGEST_TEXT_BYTES),
              in.readNullableLong()),
          in.readBoolean(),
          in.readLong(),
          in.readLong(),
          in.readInt(),
          in.readNullableText(LARGEST_TEXT_BYTES));
    } catch (IllegalArgumentException e) {
      throw new MalformedBatchException("batch header: " + e.getMessage(), e);
    }
  }

  private static String readText(ByteCursor in) throws MalformedBatchException {
    return in.readText(LARGEST_TEXT_BYTES);
  }

  void write(ByteColumn out) {
    out.putText(key.session());
    out.putText(key.incarnation());
    out.putLong(key.lane());
    out.putLong(laneCount);
    out.putLong(sequence);
    out.putLong(firstOrdinal);
    out.putLong(tickNanos);
    out.putBoolean(filtered);
    putNullable(out, process.getTgid());
    putNullable(out, process.getStartEpochNanos());
    putNullableText(out, process.getCommand());
    putNullable(out, process.getRecordedFromNanos());
    out.putBoolean(freeStacks);
    out.putLong(baseNanos);
    out.putLong(watermarkNanos);
    out.putLong(addressShift);
    putNullableText(out, marker);
  }

  private static void putNullable(ByteColumn out, Number value) {
    out.putLong(value == null ? 0 : 1);
    if (value != null) {
      out.putLong(value.longValue());
    }
  }

  private static void putNullableText(ByteColumn out, String value) {
    out.putLong(value == null ? 0 : 1);
    if (value != null) {
      out.putText(value);
    }
  }

  private static void require(boolean condition, String what, long value) {
    if (!condition) {
      throw new IllegalArgumentException(what + " " + value + " is out of range");
    }
  }
}
