package io.unfreed.collector.live;

import io.unfreed.bpf.session.LiveSessionConfig;

/**
 * One recording as asked for.
 *
 * @param target what is recorded
 * @param config how
 * @param shim how, by the library
 * @param tickNanos the session's tick
 * @param durationNanos recorded time after which it ends; {@link Long#MAX_VALUE} for none
 */
public record LivePlan(
    LiveTarget target,
    LiveSessionConfig config,
    ShimOptions shim,
    long tickNanos,
    long durationNanos) {
  /** Tick of a session unless asked otherwise. */
  public static final long DEFAULT_TICK_NANOS = 5_000_000_000L;

  public LivePlan {
    if (tickNanos <= 0) {
      throw new IllegalArgumentException("tick " + tickNanos + " is not positive");
    }
    if (durationNanos <= 0) {
      throw new IllegalArgumentException("duration " + durationNanos + " is not positive");
    }
  }
}
