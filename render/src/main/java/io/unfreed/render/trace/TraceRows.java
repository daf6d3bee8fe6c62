package io.unfreed.render.trace;

import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceMemory;
import io.unfreed.bpf.trace.TraceSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rows of a report, in their order. */
final class TraceRows {
  /**
   * Requests of one process and kind to one device.
   *
   * @param served from issue to completion; null when none was seen
   * @param queued from insert, or from issue where they went straight to the device
   */
  record Io(TraceCell served, TraceCell queued) {}

  private record IoKey(long device, long operation, int tgid) {}

  private TraceRows() {}

  /** Of calls and locks: the longest total first. */
  static List<TraceCell> byTotal(TraceSnapshot snapshot) {
    return snapshot.cells().stream()
        .sorted(
            Comparator.comparingLong(TraceCell::totalNanos)
                .reversed()
                .thenComparingInt(TraceCell::tgid)
                .thenComparingLong(TraceCell::subject)
                .thenComparingLong(TraceCell::detail))
        .toList();
  }

  /** Of io: the longest total first. */
  static List<Io> io(TraceSnapshot snapshot) {
    Map<IoKey, TraceCell> served = new LinkedHashMap<>();
    List<Io> rows = new ArrayList<>();
    for (TraceCell cell : snapshot.cells()) {
      if (cell.kind() == TraceCell.Kind.IO_SERVED) {
        served.put(key(cell), cell);
      }
    }
    for (TraceCell cell : byTotal(snapshot)) {
      if (cell.kind() == TraceCell.Kind.IO_QUEUED) {
        rows.add(new Io(served.get(key(cell)), cell));
      }
    }
    return rows;
  }

  private static IoKey key(TraceCell cell) {
    return new IoKey(cell.subject(), cell.detail(), cell.tgid());
  }

  /** Of memory: what holds most first. */
  static List<TraceMemory> memory(TraceSnapshot snapshot) {
    return snapshot.memory().stream()
        .sorted(
            Comparator.comparingLong(TraceMemory::outstandingBytes)
                .reversed()
                .thenComparingInt(TraceMemory::tgid))
        .toList();
  }
}
