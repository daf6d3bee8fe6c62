package io.unfreed.streams.trace;

import io.unfreed.schemas.Quantile;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.TraceWindow;
import io.unfreed.schemas.wire.GeneratedClasses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What happened between two statements of one key. */
public final class TraceDifference {
  static {
    GeneratedClasses.trust();
  }

  private static final double[] PARTS = {0.5, 0.95, 0.99};

  private TraceDifference() {}

  /**
   * The window that ends with a statement.
   *
   * @param before the former statement of the same key; null when this is the first that came
   */
  public static TraceWindow of(TraceStatement before, TraceStatement now) {
    TraceRow row =
        now.getRow() == null ? null : row(before == null ? null : before.getRow(), now.getRow());
    TraceHead head =
        now.getHead() == null
            ? null
            : head(before == null ? null : before.getHead(), now.getHead());
    Long longest =
        row == null ? null : longest(before == null ? null : before.getRow(), now.getRow());
    return TraceWindow.newBuilder()
        .setSession(now.getSession())
        .setIncarnation(now.getIncarnation())
        .setProbe(now.getProbe())
        .setFromTick(before == null ? null : before.getTick())
        .setTick(now.getTick())
        .setFromNanos(before == null ? null : before.getAtNanos())
        .setAtNanos(now.getAtNanos())
        .setMissing(now.getSequence() - (before == null ? 0 : before.getSequence() + 1))
        .setRow(row)
        .setHead(head)
        .setLongestNanos(longest)
        .setQuantiles(row == null ? List.of() : quantiles(row))
        .build();
  }

  /** The longest of all is of this window when no earlier one was as long. */
  static Long longest(TraceRow before, TraceRow now) {
    return before == null || now.getMaxNanos() > before.getMaxNanos() ? now.getMaxNanos() : null;
  }

  /** What happened in one row; {@code before} is null where it was not stated yet. */
  static TraceRow row(TraceRow before, TraceRow now) {
    if (before == null) {
      return now;
    }
    return TraceRow.newBuilder(now)
        .setCount(now.getCount() - before.getCount())
        .setFailed(now.getFailed() - before.getFailed())
        .setErrors(errors(before.getErrors(), now.getErrors()))
        .setTotalNanos(now.getTotalNanos() - before.getTotalNanos())
        .setBytes(now.getBytes() - before.getBytes())
        .setSlots(slots(before.getSlots(), now.getSlots()))
        .setFrees(now.getFrees() - before.getFrees())
        .setFreedBytes(now.getFreedBytes() - before.getFreedBytes())
        .build();
  }

  /** Counts never fall; where somebody else's do, nothing happened. */
  private static List<Long> slots(List<Long> before, List<Long> now) {
    List<Long> difference = new ArrayList<>();
    int filled = 0;
    for (int slot = 0; slot < now.size(); slot++) {
      long count = Math.max(0, now.get(slot) - (slot < before.size() ? before.get(slot) : 0));
      difference.add(count);
      filled = count > 0 ? slot + 1 : filled;
    }
    return new ArrayList<>(difference.subList(0, filled));
  }

  private static List<TraceError> errors(List<TraceError> before, List<TraceError> now) {
    Map<Integer, Long> known = new HashMap<>();
    before.forEach(error -> known.put(error.getNumber(), error.getCount()));
    List<TraceError> difference = new ArrayList<>();
    for (TraceError error : now) {
      long count = error.getCount() - known.getOrDefault(error.getNumber(), 0L);
      if (count > 0) {
        difference.add(new TraceError(error.getNumber(), count));
      }
    }
    return difference;
  }

  /** The losses between; {@code before} is null where none was stated yet. */
  static TraceHead head(TraceHead before, TraceHead now) {
    TraceHead.Builder difference = TraceHead.newBuilder(now).setSlow(List.of());
    if (before != null) {
      difference
          .setStatements(now.getStatements() - before.getStatements())
          .setMapFull(now.getMapFull() - before.getMapFull())
          .setUnpaired(now.getUnpaired() - before.getUnpaired())
          .setQueueFull(now.getQueueFull() - before.getQueueFull())
          .setSkipped(now.getSkipped() - before.getSkipped());
    }
    return difference.build();
  }

  private static List<Quantile> quantiles(TraceRow row) {
    LatencyHistogram histogram = LatencyHistogram.of(row.getSlots(), row.getMaxNanos());
    List<Quantile> quantiles = new ArrayList<>();
    if (histogram.last() >= 0) {
      for (double part : PARTS) {
        LatencyHistogram.Quantile one = histogram.quantile(part);
        quantiles.add(new Quantile(part, one.nanos(), one.fromNanos(), one.toNanos()));
      }
    }
    return quantiles;
  }
}
