package io.unfreed.render.trace;

import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.streams.trace.LatencyHistogram;
import io.unfreed.streams.trace.TraceView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The rows of a report, in their order. */
final class TraceRows {
  static final String SYSCALLS = "syscalls";
  static final String LOCKS = "locks";
  static final String IO = "io";
  static final String MEMORY = "memory";

  /** So often in a row must what a process holds have become more. */
  static final int RISES = 3;

  private static final Comparator<TraceRow> BY_KEY =
      Comparator.comparingInt(TraceRow::getTgid)
          .thenComparingLong(TraceRow::getSubject)
          .thenComparingLong(TraceRow::getDetail)
          .thenComparing(TraceRow::getKind);

  /**
   * Requests of one process and kind to one device.
   *
   * @param served from issue to completion; null when none was seen
   * @param queued from insert, or from issue where they went straight to the device
   */
  record Io(TraceRow served, TraceRow queued) {}

  private record IoKey(long device, long operation, int tgid) {}

  private TraceRows() {}

  /** Whether a tracer counts how long things take. */
  static boolean isOfLatencies(String tracer) {
    return SYSCALLS.equals(tracer) || LOCKS.equals(tracer) || IO.equals(tracer);
  }

  /** How many rows there are, listed or not. */
  static int count(TraceView view) {
    return view.tracer().equals(IO) ? io(view).size() : view.rows().size();
  }

  /** Of calls and locks: the longest total first. */
  static List<TraceRow> byTotal(TraceView view) {
    return view.rows().stream()
        .sorted(Comparator.comparingLong(TraceRow::getTotalNanos).reversed().thenComparing(BY_KEY))
        .toList();
  }

  /** Of io: the longest total first. */
  static List<Io> io(TraceView view) {
    Map<IoKey, TraceRow> served = new HashMap<>();
    List<Io> rows = new ArrayList<>();
    for (TraceRow row : view.rows()) {
      if (row.getKind() == TraceKind.IO_SERVED) {
        served.put(key(row), row);
      }
    }
    for (TraceRow row : byTotal(view)) {
      if (row.getKind() == TraceKind.IO_QUEUED) {
        rows.add(new Io(served.get(key(row)), row));
      }
    }
    return rows;
  }

  private static IoKey key(TraceRow row) {
    return new IoKey(row.getSubject(), row.getDetail(), row.getTgid());
  }

  /** Of memory: what holds most first. */
  static List<TraceRow> memory(TraceView view) {
    return memory(view, UnaryOperator.identity());
  }

  /**
   * The same of rows that are differences.
   *
   * @param whole a row since the trace began, which has what it holds
   */
  static List<TraceRow> memory(TraceView view, UnaryOperator<TraceRow> whole) {
    return view.rows().stream()
        .sorted(
            Comparator.comparingLong((TraceRow row) -> outstandingBytes(whole.apply(row)))
                .reversed()
                .thenComparing(BY_KEY))
        .toList();
  }

  static long outstandingBytes(TraceRow row) {
    return row.getBytes() - row.getFreedBytes();
  }

  static LatencyHistogram histogram(TraceRow row) {
    return LatencyHistogram.of(row.getSlots(), row.getMaxNanos());
  }
}
