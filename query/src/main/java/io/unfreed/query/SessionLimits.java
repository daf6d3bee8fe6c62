package io.unfreed.query;

import io.unfreed.schemas.Session;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much memory the targets of sessions may take, as they were recorded. Who is asked about a
 * session that it does not know looks for it, but not all the time. Used by one thread.
 */
final class SessionLimits {
  private static final Logger LOG = LoggerFactory.getLogger(SessionLimits.class);
  private static final long AGAIN_NANOS = Duration.ofSeconds(30).toNanos();

  private final Supplier<List<Session>> sessions;
  private final LongSupplier clock;
  private Map<String, Long> known = Map.of();
  private Long readNanos;

  /**
   * None is known yet.
   *
   * @param sessions reads all of them
   * @param clock nanoseconds
   */
  SessionLimits(Supplier<List<Session>> sessions, LongSupplier clock) {
    this.sessions = sessions;
    this.clock = clock;
  }

  /** Bytes; null when there is no limit, or none that is known. */
  Long of(String session) {
    if (!known.containsKey(session) && mayRead()) {
      try {
        Map<String, Long> read = new HashMap<>();
        sessions.get().forEach(one -> read.put(one.getSessionId(), TimeToLimit.limit(one)));
        known = read;
      } catch (RuntimeException e) {
        LOG.debug("limits of sessions are not known yet", e); // what grows is told without them
      }
    }
    return known.get(session);
  }

  private boolean mayRead() {
    long nowNanos = clock.getAsLong();
    if (readNanos != null && nowNanos - readNanos < AGAIN_NANOS) {
      return false;
    }
    readNanos = nowNanos;
    return true;
  }
}
