package io.unfreed.collector.live;

import io.unfreed.bpf.session.CaptureCounters;
import java.util.function.Supplier;

/** Notices that the kernel side has lost events, and since when. Used by one thread. */
final class LossWatch {
  private final Supplier<CaptureCounters> counters;
  private long toldLost;
  private long checkedMonotonicNanos;

  /**
   * Losses from now on.
   *
   * @param counters reads the kernel side's counters
   */
  LossWatch(Supplier<CaptureCounters> counters) {
    this.counters = counters;
    this.checkedMonotonicNanos = System.nanoTime();
  }

  /** Takes a loss: events between two moments on CLOCK_MONOTONIC. */
  interface Listener {
    void lost(long events, long fromMonotonicNanos, long toMonotonicNanos);
  }

  /** Tells what was lost since the last time; nothing when nothing was. */
  void check(Listener listener) {
    long lost = counters.get().lost();
    long now = System.nanoTime();
    if (lost > toldLost) {
      listener.lost(lost - toldLost, checkedMonotonicNanos, now);
      toldLost = lost;
    }
    checkedMonotonicNanos = now;
  }
}
