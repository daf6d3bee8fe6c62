package io.unfreed.server.answer;

import io.unfreed.query.StackBook;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.streams.trace.TraceBook;
import io.unfreed.streams.trace.TraceStretch;
import io.unfreed.streams.trace.TraceTimeline;
import java.util.List;

/**
 * What a pass over the statements of tracers found out.
 *
 * @param traces in the order in which they came
 * @param stacks frames of all of them
 */
public record TraceReading(List<OfTrace> traces, StackBook stacks) {
  /**
   * What it found out about a trace.
   *
   * @param book what was stated; nobody adds to it any more
   * @param stretch null unless one was asked for and something was stated up to its end
   * @param slots null unless the trace over time was asked for
   */
  public record OfTrace(
      Session session, TraceBook book, TraceStretch stretch, List<TraceTimeline.Slot> slots) {}

  /** What of it is about sessions whose ids begin so. */
  TraceReading only(String session) {
    return new TraceReading(
        traces.stream().filter(one -> one.session().getSessionId().startsWith(session)).toList(),
        stacks);
  }

  /** The only one. */
  public OfTrace only() {
    if (traces.size() != 1) {
      throw new UsageException(traces.size() + " traces, this is of one: name it by --session");
    }
    return traces.getFirst();
  }
}
