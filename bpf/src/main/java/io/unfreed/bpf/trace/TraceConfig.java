package io.unfreed.bpf.trace;

import io.unfreed.bpf.symbols.Cgroup;
import java.util.List;
import java.util.Optional;

/**
 * What is traced.
 *
 * @param tgids these processes only; empty: all but this one
 * @param cgroup processes in it or below only
 * @param minNanos shorter waits for locks are not counted
 * @param slowNanos what takes at least this long is told one by one; 0: nothing
 */
public record TraceConfig(
    Tracer tracer, List<Integer> tgids, Optional<Cgroup> cgroup, long minNanos, long slowNanos) {
  public TraceConfig {
    tgids = List.copyOf(tgids);
    if (minNanos < 0 || slowNanos < 0) {
      throw new IllegalArgumentException("thresholds " + minNanos + ", " + slowNanos);
    }
  }
}
