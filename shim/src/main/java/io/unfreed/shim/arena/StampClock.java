package io.unfreed.shim.arena;

import io.unfreed.shim.NativeSide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Time stamp counter to CLOCK_MONOTONIC (which is System.nanoTime), in nanoseconds. The rate is
 * measured while it is used: from time to time the line is bent so that it meets the clock again a
 * second later, without a jump. Stamps that are nanoseconds already pass through. One thread.
 */
public final class StampClock {
  private static final long REBASE_NANOS = 1_000_000_000L;
  private static final long FIRST_NANOS = 20_000_000L;
  private static final int SHIFT = 32;
  private static final long CLOSE_NANOS = 1_000;
  private static final int MOST_TRIES = 50;

  private final NativeSide machine;
  private final boolean tsc;
  private final long firstStamp;
  private final long firstNanos;
  private long baseStamp;
  private long baseNanos;

  /** Nanoseconds a tick, times 2^32. */
  private long rate;

  private long rebaseAt;

  /** The same moment on both clocks. */
  private record Moment(long stamp, long nanos) {}

  StampClock(NativeSide machine, boolean tsc) {
    this.machine = machine;
    this.tsc = tsc;
    Moment first = moment();
    firstNanos = first.nanos;
    firstStamp = first.stamp;
    if (tsc) {
      while (System.nanoTime() - firstNanos < FIRST_NANOS) {
        Thread.onSpinWait();
      }
      Moment now = moment();
      baseStamp = now.stamp;
      baseNanos = now.nanos;
      rate = rate(baseNanos - firstNanos, baseStamp - firstStamp);
      rebaseAt = baseNanos + FIRST_NANOS * 5;
    }
  }

  /** Read close together: a thread may lose its processor between any two instructions. */
  private Moment moment() {
    Moment best = null;
    long bestGap = Long.MAX_VALUE;
    for (int i = 0; i < MOST_TRIES && bestGap > CLOSE_NANOS; i++) {
      long before = System.nanoTime();
      long stamp = machine.stamp();
      long gap = System.nanoTime() - before;
      if (gap < bestGap) {
        bestGap = gap;
        best = new Moment(stamp, before + gap / 2);
      }
    }
    return best;
  }

  /** Where the kernel itself keeps time by it, and it runs evenly on all processors. */
  static boolean isTscReliable() {
    try {
      String source =
          Files.readString(
                  Path.of("/sys/devices/system/clocksource/clocksource0/current_clocksource"))
              .strip();
      String flags = Files.readString(Path.of("/proc/cpuinfo"));
      return source.equals("tsc")
          && flags.contains(" constant_tsc")
          && flags.contains(" nonstop_tsc")
          && flags.contains(" rdtscp");
    } catch (IOException unknown) {
      return false;
    }
  }

  /** A stamp now. */
  long now() {
    return tsc ? machine.stamp() : System.nanoTime();
  }

  /** CLOCK_MONOTONIC of a stamp. */
  long nanos(long stamp) {
    return tsc ? baseNanos + scaled(stamp - baseStamp) : stamp;
  }

  /** Keeps the line on the clock; now and then. */
  void adjust() {
    if (!tsc || System.nanoTime() < rebaseAt) {
      return;
    }
    Moment now = moment();
    long told = nanos(now.stamp);
    // The long-term rate, and what is needed to be right at the next time.
    double ticksPerNano = (double) (now.stamp - firstStamp) / (now.nanos - firstNanos);
    long ticksAhead = (long) (REBASE_NANOS * ticksPerNano);
    baseStamp = now.stamp;
    baseNanos = told;
    rate = rate(now.nanos + REBASE_NANOS - told, ticksAhead);
    rebaseAt = now.nanos + REBASE_NANOS;
  }

  private static long rate(long nanos, long ticks) {
    return (long) ((double) nanos / ticks * (1L << SHIFT));
  }

  private long scaled(long ticks) {
    if (ticks >>> 32 == 0 && rate >>> 31 == 0) { // a second's, in a product of 63 bits
      return (ticks * rate) >>> SHIFT;
    }
    return (Math.multiplyHigh(ticks, rate) << (Long.SIZE - SHIFT)) | ((ticks * rate) >>> SHIFT);
  }
}
