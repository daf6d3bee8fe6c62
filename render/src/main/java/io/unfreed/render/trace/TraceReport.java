package io.unfreed.render.trace;

import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.bpf.trace.Tracer;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What is told at one moment: all since the start.
 *
 * @param sinceStartNanos how long that is
 * @param isFinal whether the trace ended here
 * @param names for what was counted
 * @param slow exact events since the last report
 * @param untold how many more of them there were
 * @param suspects processes whose kernel memory grows
 */
public record TraceReport(
    Tracer tracer,
    Instant at,
    long sinceStartNanos,
    boolean isFinal,
    TraceSnapshot snapshot,
    TraceNames names,
    List<TraceEvent> slow,
    long untold,
    Set<Integer> suspects) {}
