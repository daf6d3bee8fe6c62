package io.unfreed.collector.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Maps the kernel's monotonic time to session time and, once per session, to wall-clock time.
 *
 * @param startMonotonicNanos CLOCK_MONOTONIC of session time 0
 * @param startEpochNanos wall-clock time of session time 0
 * @param bootEpochNanos wall-clock time of the boot, to about 10 ms
 */
record SessionClock(long startMonotonicNanos, long startEpochNanos, long bootEpochNanos) {
  /** A session that starts now. */
  static SessionClock now() {
    // Before, wall clock, after: the middle of two close monotonic readings belongs to the middle.
    long before = System.nanoTime();
    Instant wall = Instant.now();
    long monotonic = before + (System.nanoTime() - before) / 2;
    long epochNanos = wall.getEpochSecond() * 1_000_000_000L + wall.getNano();
    return new SessionClock(monotonic, epochNanos, epochNanos - uptimeNanos());
  }

  /** Session time of a moment on CLOCK_MONOTONIC, which is what System.nanoTime reads on Linux. */
  long sessionNanos(long monotonicNanos) {
    return monotonicNanos - startMonotonicNanos;
  }

  /** The moment on CLOCK_MONOTONIC of a session time. */
  long monotonicNanos(long sessionNanos) {
    return startMonotonicNanos + sessionNanos;
  }

  /** Wall-clock time of a process's start. */
  long epochNanosOfStart(long startSinceBootNanos) {
    return bootEpochNanos + startSinceBootNanos;
  }

  private static long uptimeNanos() {
    try {
      String text = Files.readString(Path.of("/proc/uptime"));
      return Math.round(Double.parseDouble(text.substring(0, text.indexOf(' '))) * 1e9);
    } catch (IOException noProc) {
      return System.nanoTime(); // without suspends the same
    }
  }
}
