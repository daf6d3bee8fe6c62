package io.unfreed.collector.live;

import io.unfreed.bpf.trace.TraceConfig;

/**
 * What a tracer records.
 *
 * @param tickNanos what was counted is stated so often, and at the end
 * @param warnNanos requests with a p95 above are to be warned of
 * @param suspectAbove processes with more blocks of kernel memory, rising, are to be marked
 */
public record TracePlan(TraceConfig config, long tickNanos, long warnNanos, long suspectAbove) {
  public TracePlan {
    if (tickNanos <= 0) {
      throw new IllegalArgumentException("tick " + tickNanos);
    }
  }
}
