package io.unfreed.server.answer;

import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Timelines of sessions that go on: the events are read once, and what was computed elsewhere says
 * how a session stands whenever somebody looks again, so that looking costs no reading. They are
 * read again when the timeline would become too coarse, because nobody looked for long; when the
 * state cannot have become of what was known by events alone, because it was lost or forgotten in
 * part; and when the session is over. Who asks at once shares one answer. Thread-safe.
 */
final class LiveTimelines {
  /** Where answers come from. */
  interface Source {
    /** Equal as long as the same question has the same answer. */
    Object version();

    /** From the events. */
    Reading read(Asked asked) throws IOException;

    /** From what was computed already; null when that does not tell. */
    Readings.State state(Asked asked) throws IOException;
  }

  /** A gap of so many ticks is not much coarser than reports are. */
  private static final int FEW_TICKS = 3;

  /** A gap that short is no coarser than the looks of who looks all the time. */
  private static final long SHORT_NANOS = 15_000_000_000L;

  /** A gap of one part of so many is no wider than what is seen. */
  private static final int PARTS = 100;

  /**
   * Where nothing is computed elsewhere, an answer may be as old as so many readings take, so that
   * many who look take a part of a processor and not all of it.
   */
  private static final int READINGS_OLD = 10;

  /** Each has the lines of a timeline. */
  private static final int MOST_SESSIONS = 8;

  private record Key(String session, Object version) {}

  /** What is known of one session. */
  private static final class Known {
    Reading reading;

    /** What is in it was recorded by then, and what was recorded before is in it. */
    long asOfNanos;

    long tookNanos;

    /** An old answer was given, which is recent enough until then; null when none was. */
    volatile Long oldUntilNanos;

    /** Until when it is recent enough. */
    long recentUntilNanos() {
      return asOfNanos + READINGS_OLD * tookNanos;
    }

    boolean isRecent(long nowNanos) {
      return reading != null && nowNanos - recentUntilNanos() < 0;
    }

    Reading.OfSession session() {
      List<Reading.OfSession> sessions = reading == null ? List.of() : reading.sessions();
      return sessions.size() == 1 ? sessions.getFirst() : null;
    }
  }

  private final Source source;
  private final LongSupplier clock;
  private final KeptReadings<Key, Reading> answers = new KeptReadings<>(MOST_SESSIONS);
  private final Map<String, Known> sessions = new LinkedHashMap<>(16, 0.75f, true);
  private long fromState;

  /**
   * None yet.
   *
   * @param clock nanoseconds, as those of a state
   */
  LiveTimelines(Source source, LongSupplier clock) {
    this.source = source;
    this.clock = clock;
  }

  /** How often no events were read. */
  synchronized long fromState() {
    return fromState;
  }

  /** A session with its timeline. */
  Reading of(Asked whole) throws IOException {
    Object version = source.version();
    long nowNanos = clock.getAsLong();
    answers.keepOnly(key -> key.version().equals(version) && !isTooOld(key.session(), nowNanos));
    return answers.of(new Key(whole.session(), version), () -> next(whole));
  }

  /** Whether an old answer was given that would not be given any more. */
  private synchronized boolean isTooOld(String session, long nowNanos) {
    Known known = sessions.get(session);
    Long until = known == null ? null : known.oldUntilNanos;
    return until != null && nowNanos - until >= 0;
  }

  private synchronized Known known(String session) {
    Known known = sessions.computeIfAbsent(session, name -> new Known());
    if (sessions.size() > MOST_SESSIONS) {
      sessions.remove(sessions.keySet().iterator().next());
    }
    return known;
  }

  /** One after the other for a session: who comes while its events are read goes on from them. */
  private Reading next(Asked whole) throws IOException {
    Known known = known(whole.session());
    synchronized (known) {
      Reading.OfSession last = known.session();
      Readings.State state =
          last == null || !last.session().getTimed() ? null : source.state(whole);
      boolean isRecent = known.isRecent(clock.getAsLong());
      Reading grown = state == null ? null : grown(known, last, state, isRecent);
      if (grown != null) {
        known.reading = grown;
        known.oldUntilNanos = null;
        synchronized (this) {
          fromState++;
        }
        return grown;
      }
      if (isRecent && (state == null || isStillOf(last, state))) {
        known.oldUntilNanos = known.recentUntilNanos();
        return known.reading;
      }
      known.oldUntilNanos = null;
      long beganNanos = clock.getAsLong();
      known.reading = source.read(whole);
      known.asOfNanos = clock.getAsLong();
      known.tookNanos = known.asOfNanos - beganNanos;
      return known.reading;
    }
  }

  /** Whether no other session is the newest meanwhile, and this one has not ended since. */
  private static boolean isStillOf(Reading.OfSession last, Readings.State state) {
    Session now = state.reading().sessions().getFirst().session();
    return now.getSessionId().equals(last.session().getSessionId())
        && (now.getEnd() == null || last.session().getEnd() != null);
  }

  /**
   * Null when events have to be read.
   *
   * @param isRecent they were read so lately that a coarse timeline is better than none
   */
  private static Reading grown(
      Known known, Reading.OfSession last, Readings.State state, boolean isRecent) {
    Reading.OfSession now = state.reading().sessions().getFirst();
    if (!now.session().getSessionId().equals(last.session().getSessionId())) {
      return null;
    }
    Standing before = Standing.of(last.reports());
    Standing standing = Standing.of(now.reports());
    if (!standing.canFollow(before)) {
      boolean wasAskedBefore = state.askedNanos() - known.asOfNanos < 0;
      return wasAskedBefore ? known.reading : null;
    }
    Timeline timeline = last.timeline();
    boolean isSame = standing.drawsAs(before);
    if (now.session().getEnd() != null) {
      boolean isExact = timeline.exactNanos() == timeline.lastNanos();
      return isSame && isExact
          ? new Reading(List.of(now.with(timeline)), state.reading().stacks())
          : null;
    }
    boolean isCoarse = isCoarse(timeline.lastNanos(), standing.atNanos(), now.session());
    if (!isSame && isCoarse && !isRecent) {
      return null;
    }
    known.asOfNanos = state.askedNanos();
    Timeline grown = TimelineGrowth.grown(timeline, before, standing);
    return new Reading(List.of(now.with(grown)), state.reading().stacks());
  }

  /** Whether nobody looked for so long that it would be seen. */
  private static boolean isCoarse(long fromNanos, long toNanos, Session session) {
    long gapNanos = toNanos - fromNanos;
    return gapNanos > Math.max(SHORT_NANOS, FEW_TICKS * session.getTickNanos())
        && gapNanos > toNanos / PARTS;
  }
}
