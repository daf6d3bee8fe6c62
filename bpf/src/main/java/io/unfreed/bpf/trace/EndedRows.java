package io.unfreed.bpf.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was counted of processes that have exited, taken out of the kernel's maps, which have room
 * for so many rows at a time. A process with the number of one of them goes on where that one
 * ended, as it would in the kernel. Used by one thread.
 */
final class EndedRows {
  /** More stay in the kernel's maps until these are full, which is counted there. */
  static final int MOST = 1 << 15;

  private record CellKey(TraceCell.Kind kind, long subject, long detail, int tgid) {
    static CellKey of(TraceCell cell) {
      return new CellKey(cell.kind(), cell.subject(), cell.detail(), cell.tgid());
    }
  }

  private final Map<CellKey, TraceCell> cells = new LinkedHashMap<>();
  private final Map<TraceSnapshot.ErrorKey, Map<Integer, Long>> errors = new HashMap<>();

  boolean hasRoom() {
    return cells.size() < MOST;
  }

  /** Keeps a row that was taken out. */
  void add(TraceCell cell) {
    cells.merge(CellKey.of(cell), cell, EndedRows::sum);
  }

  /** Keeps how often a call had ended with an error. */
  void add(TraceSnapshot.ErrorKey call, int number, long times) {
    errors.computeIfAbsent(call, key -> new TreeMap<>()).merge(number, times, Long::sum);
  }

  /** The rows that are in the kernel, and these. */
  List<TraceCell> with(List<TraceCell> inKernel) {
    if (cells.isEmpty()) {
      return inKernel;
    }
    Map<CellKey, TraceCell> all = new LinkedHashMap<>(cells);
    inKernel.forEach(cell -> all.merge(CellKey.of(cell), cell, EndedRows::sum));
    return new ArrayList<>(all.values());
  }

  /** Adds these to the errors that are counted in the kernel. */
  void addTo(Map<TraceSnapshot.ErrorKey, Map<Integer, Long>> inKernel) {
    errors.forEach((call, numbers) ->
        numbers.forEach((number, times) ->
            inKernel
                .computeIfAbsent(call, key -> new TreeMap<>())
                .merge(number, times, Long::sum)));
  }

  /** With the name of the later one. */
  private static TraceCell sum(TraceCell before, TraceCell now) {
    List<Long> slots = new ArrayList<>();
    for (int slot = 0; slot < now.slots().size(); slot++) {
      slots.add(before.slots().get(slot) + now.slots().get(slot));
    }
    return new TraceCell(
        now.kind(),
        now.subject(),
        now.detail(),
        now.tgid(),
        now.comm(),
        before.count() + now.count(),
        before.errors() + now.errors(),
        before.totalNanos() + now.totalNanos(),
        Math.max(before.maxNanos(), now.maxNanos()),
        before.bytes() + now.bytes(),
        slots);
  }
}
