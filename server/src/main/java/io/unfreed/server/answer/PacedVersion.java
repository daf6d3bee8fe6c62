package io.unfreed.server.answer;

import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * As of which version answers are given that have to be read anew for each: a later one is taken up
 * when no reading as of the one before is under way, and ten times as long has passed as the
 * longest took, so that those who look all the time take a part of a processor and not all of it.
 * Thread-safe.
 */
final class PacedVersion {
  /** An answer may be as old as so many readings take. */
  private static final int READINGS_OLD = 10;

  private final Supplier<Object> newest;
  private final LongSupplier clock;
  private Object current;
  private long sinceNanos;
  private long longestNanos;

  /** Readings as of the current version. */
  private int underWay;

  /** Versions taken up so far. */
  private long taken;

  /**
   * Nothing was read yet.
   *
   * @param newest equal as long as the same question has the same answer
   * @param clock nanoseconds
   */
  PacedVersion(Supplier<Object> newest, LongSupplier clock) {
    this.newest = newest;
    this.clock = clock;
  }

  /** The version as of which to answer now. */
  synchronized Object now() {
    Object version = newest.get();
    long nowNanos = clock.getAsLong();
    if (current == null || (!version.equals(current) && isOld(nowNanos))) {
      current = version;
      sinceNanos = nowNanos;
      longestNanos = 0;
      underWay = 0;
      taken++;
    }
    return current;
  }

  /** Not before it is known how long a reading takes, if one is under way. */
  private boolean isOld(long nowNanos) {
    return (underWay == 0 || longestNanos > 0)
        && nowNanos - sinceNanos >= READINGS_OLD * longestNanos;
  }

  /**
   * Reads as of a version: from before it waits for its turn until it has an answer or has failed,
   * that version stays the one as of which to answer, if it still is; not longer than for ten times
   * as long as another reading of it took.
   */
  <R> R reading(Object version, Callable<R> reading) throws Exception {
    long of = hold(version);
    try {
      return reading.call();
    } finally {
      release(of);
    }
  }

  /** The number under which it is current; 0 when it is not. */
  private synchronized long hold(Object version) {
    if (!version.equals(current)) {
      return 0;
    }
    underWay++;
    return taken;
  }

  private synchronized void release(long of) {
    if (of == taken) {
      underWay--;
    }
  }

  /** A reading as of a version took so long, without its wait. */
  synchronized void took(Object version, long nanos) {
    if (version.equals(current)) {
      longestNanos = Math.max(longestNanos, nanos);
    }
  }

  /** The clock by which readings are timed. */
  long nanos() {
    return clock.getAsLong();
  }
}
