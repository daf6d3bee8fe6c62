package io.unfreed.render;

import io.unfreed.schemas.Session;
import java.time.Instant;

/** Session time as wall-clock time. */
public final class Moments {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Moments() {}

  /** Wall-clock time of a moment of a session; null when either is unknown. */
  public static Instant wallClock(Session session, Long sinceStartNanos) {
    return session.getStartedEpochNanos() == null || sinceStartNanos == null
        ? null
        : ofEpochNanos(session.getStartedEpochNanos()).plusNanos(sinceStartNanos);
  }

  /** An instant; null for null. */
  public static Instant ofEpochNanos(Long epochNanos) {
    return epochNanos == null
        ? null
        : Instant.ofEpochSecond(
            Math.floorDiv(epochNanos, NANOS_PER_SECOND),
            Math.floorMod(epochNanos, NANOS_PER_SECOND));
  }
}
