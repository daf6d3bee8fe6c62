package io.unfreed.streams.trace;

import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceRow;
import java.util.List;

/**
 * A trace at a tick: all since it began.
 *
 * @param tracer its name in lower case
 * @param atNanos session time of the tick
 * @param slow since the recorder last printed a report
 * @param untold how many more slow ones there were
 * @param missing so many statements up to the tick did not come: a row may be that of an earlier
 *     tick
 */
public record TraceView(
    String tracer,
    long atNanos,
    TraceHead head,
    List<TraceRow> rows,
    List<SlowCall> slow,
    long untold,
    long missing) {
  /** The rows of one process; the slow ones, too. */
  public TraceView of(int tgid) {
    return new TraceView(
        tracer,
        atNanos,
        head,
        rows.stream().filter(row -> row.getTgid() == tgid).toList(),
        slow.stream().filter(call -> call.getTgid() == tgid).toList(),
        untold,
        missing);
  }
}
