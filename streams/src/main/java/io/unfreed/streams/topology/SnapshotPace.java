package io.unfreed.streams.topology;

import java.time.Duration;

/**
 * When a store's state is worth writing down: what a restart would apply again is bounded, and what
 * is spent on that, too. Used by the store's thread; the clock is the caller's.
 */
final class SnapshotPace {
  /** Of the time, at most one part in so many goes into snapshots. */
  private static final int LEAST_SHARE = 20;

  /** Events are written down at least this often, so that retention does not overtake them. */
  private static final long OLDEST_NANOS = Duration.ofMinutes(10).toNanos();

  /** A thread that is held up for longer is in danger of its transaction's time-out (10 s). */
  private static final long LONGEST_NANOS = Duration.ofSeconds(4).toNanos();

  private final long everyBytes;
  private long bytes;
  private long endNanos;
  private long tookNanos;
  private boolean hasEnd;

  /** A pace for stores of which so many bytes of events may have to be applied again. */
  SnapshotPace(long everyBytes) {
    this.everyBytes = everyBytes;
  }

  /** So many bytes of events were applied. */
  void applied(long eventBytes) {
    bytes += eventBytes;
  }

  /** Bytes of events that the last snapshot does not cover. */
  long uncoveredBytes() {
    return bytes;
  }

  /** Whether it is time for the next; cheap as long as little was applied. */
  boolean isDue(long nowNanos) {
    if (bytes == 0 || isTooSlow()) {
      return false;
    }
    if (!hasEnd) {
      hasEnd = true;
      endNanos = nowNanos;
    }
    long sinceNanos = nowNanos - endNanos;
    return (bytes >= everyBytes || sinceNanos >= OLDEST_NANOS)
        && sinceNanos >= tookNanos * (LEAST_SHARE - 1);
  }

  /** Whether the last one took so long that none may be written between records. */
  boolean isTooSlow() {
    return tookNanos > LONGEST_NANOS;
  }

  /** One was written, or tried. */
  void taken(long beginNanos, long nowNanos) {
    bytes = 0;
    hasEnd = true;
    endNanos = nowNanos;
    tookNanos = nowNanos - beginNanos;
  }

  /** The state is what a snapshot says. */
  void restored() {
    bytes = 0;
  }
}
