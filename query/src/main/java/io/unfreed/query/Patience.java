package io.unfreed.query;

import java.time.Duration;

/**
 * How long is waited for a service that is behind what is recorded: as long as it comes nearer,
 * since what it has left is less than what would be read in its place, and reading would keep it
 * from it. Not thread-safe.
 */
final class Patience {
  /** So long it may come no nearer. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** Each is twice as long as the one before: what keeps it from an answer may stay. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(25);

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

  private final long beganNanos;
  private long nearerNanos;
  private long nearest = Long.MAX_VALUE;
  private Duration pause = FIRST_PAUSE;

  /** Begins now. */
  Patience(long nowNanos) {
    beganNanos = nowNanos;
    nearerNanos = nowNanos;
  }

  /**
   * How long to wait before the next look; zero when it is time for something else.
   *
   * @param left how much the service has to do at this one
   */
  Duration pause(long nowNanos, long left) {
    if (left < nearest) {
      nearerNanos = nowNanos;
      nearest = left;
    }
    if (nowNanos - nearerNanos >= QUIET.toNanos() || nowNanos - beganNanos >= LONGEST.toNanos()) {
      return Duration.ZERO;
    }
    Duration now = pause;
    pause = now.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : now.multipliedBy(2);
    return now;
  }
}
