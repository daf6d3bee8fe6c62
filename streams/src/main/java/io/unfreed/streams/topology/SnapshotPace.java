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

  /** Behind one that took longer, the next waits at least so long, and twice as long each time. */
  private static final long FIRST_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private static final long LONGEST_PAUSE_NANOS = Duration.ofHours(1).toNanos();

  private final long everyBytes;
  private long pauseNanos;
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
    if (bytes == 0) {
      return false;
    }
    if (!hasEnd) {
      hasEnd = true;
      endNanos = nowNanos;
    }
    long sinceNanos = nowNanos - endNanos;
    return (bytes >= everyBytes || sinceNanos >= OLDEST_NANOS)
        && sinceNanos >= Math.max(pauseNanos, tookNanos * (LEAST_SHARE - 1));
  }

  /** Whether enough was applied for the next, whatever time it is. */
  boolean isWaiting() {
    return bytes > 0 && bytes >= everyBytes;
  }

  /**
   * One was written, or tried. It may have taken long for want of a processor, so it is tried again
   * after a while however long it took; the first quick one ends the pauses.
   *
   * @return whether it took too long where the one before had not
   */
  boolean taken(long beginNanos, long nowNanos) {
    boolean wasQuick = pauseNanos == 0;
    boolean isQuick = nowNanos - beginNanos <= LONGEST_NANOS;
    pauseNanos = isQuick ? 0 : Math.clamp(2 * pauseNanos, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    bytes = 0;
    hasEnd = true;
    endNanos = nowNanos;
    tookNanos = nowNanos - beginNanos;
    return wasQuick && !isQuick;
  }

  /** The state is what a snapshot says. */
  void restored() {
    bytes = 0;
  }
}
