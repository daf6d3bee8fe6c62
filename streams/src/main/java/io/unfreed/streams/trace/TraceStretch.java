package io.unfreed.streams.trace;

import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What happened between two ticks of a trace: rows in which nothing did are left out.
 *
 * @param fromNanos session time of the earlier one; 0 for the begin of the trace
 * @param view of the later one, with the differences of rows and losses
 * @param before the rows at the earlier one; of a row that was not stated yet, and whose first
 *     statements did not come, its first one that did
 * @param atEnd the rows at the later one
 */
public record TraceStretch(
    long fromNanos, TraceView view, Map<TraceKey, TraceRow> before, Map<TraceKey, TraceRow> atEnd) {

  /**
   * Between two views of one trace.
   *
   * @param before null for its begin, since which rows count
   * @param begun the rows whose first statements did not come, as they were first stated: what
   *     these say may have happened before
   */
  static TraceStretch between(TraceView before, TraceView after, Map<TraceKey, TraceRow> begun) {
    Map<TraceKey, TraceRow> earlier = new HashMap<>();
    if (before != null) {
      earlier.putAll(begun);
      earlier.putAll(byKey(before));
    }
    Map<TraceKey, TraceRow> later = byKey(after);
    List<TraceRow> rows = new ArrayList<>();
    later.forEach((key, row) -> {
      TraceRow difference = TraceDifference.row(earlier.get(key), row);
      if (difference.getCount() > 0 || difference.getFrees() > 0) {
        rows.add(difference);
      }
    });
    TraceView view =
        new TraceView(
            after.tracer(),
            after.atNanos(),
            TraceDifference.head(before == null ? null : before.head(), after.head()),
            rows,
            after.slow(),
            after.untold(),
            after.missing());
    return new TraceStretch(before == null ? 0 : before.atNanos(), view, earlier, later);
  }

  private static Map<TraceKey, TraceRow> byKey(TraceView view) {
    Map<TraceKey, TraceRow> rows = new HashMap<>();
    view.rows().forEach(row -> rows.put(TraceKey.of(row), row));
    return rows;
  }

  /** The same of one process. */
  public TraceStretch of(int tgid) {
    return new TraceStretch(fromNanos, view.of(tgid), of(tgid, before), of(tgid, atEnd));
  }

  private static Map<TraceKey, TraceRow> of(int tgid, Map<TraceKey, TraceRow> rows) {
    Map<TraceKey, TraceRow> some = new HashMap<>(rows);
    some.keySet().removeIf(key -> key.tgid() != tgid);
    return some;
  }

  /** The longest that one of its rows counted; null when an earlier one was longer. */
  public Long longestNanos(TraceRow row) {
    return TraceDifference.longest(before.get(TraceKey.of(row)), row);
  }

  /** One of its rows as it is at its end, since the trace began. */
  public TraceRow atEnd(TraceRow row) {
    return atEnd.get(TraceKey.of(row));
  }

  /** All rows added up; a request of io counts once, from insert. */
  public LatencySum sum() {
    LatencySum sum = new LatencySum();
    for (TraceRow row : view.rows()) {
      if (row.getKind() != TraceKind.IO_SERVED) {
        sum.add(row, longestNanos(row));
      }
    }
    return sum;
  }
}
