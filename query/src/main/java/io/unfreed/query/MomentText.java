package io.unfreed.query;

import io.unfreed.schemas.Session;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * A moment as it is written on a command line or in a request: RFC 3339, {@code +D} after the
 * session's start, or the name of a mark.
 *
 * @param option for which it is given, for what is said of it
 * @param text how it is written
 */
public record MomentText(String option, String text) {
  /** When the marks of sessions are. */
  public interface MarkTimes {
    /** No marks are known. */
    MarkTimes NONE = (session, label) -> null;

    /** Session time of the first mark of this name; null without one. */
    Long nanos(String sessionId, String label);
  }

  /** Whether only a mark can be meant. */
  public boolean isMark() {
    return !text.startsWith("+") && instant() == null;
  }

  /** Refuses what is no moment of any session. */
  public void check(boolean canBeMark) {
    if (text.startsWith("+")) {
      sinceStart();
    } else if (isMark() && (!canBeMark || text.isEmpty())) {
      throw refused("");
    }
  }

  /** Nanoseconds after the session's start. */
  public long nanos(Session session, MarkTimes marks) {
    if (text.startsWith("+")) {
      return sinceStart();
    }
    Instant instant = instant();
    if (instant == null) {
      Long mark = marks.nanos(session.getSessionId(), text);
      if (mark == null) {
        throw refused(", and no mark of session " + session.getSessionId() + " has this name");
      }
      return mark;
    }
    if (session.getStartedEpochNanos() == null) {
      throw new UsageException(
          what()
              + ": session "
              + session.getSessionId()
              + " has no wall-clock time; use +D after its start");
    }
    return since(Instant.ofEpochSecond(0, session.getStartedEpochNanos()), instant);
  }

  /** Nanoseconds count 292 years: what lies further ahead is behind every event. */
  private long since(Instant started, Instant instant) {
    Duration since = Duration.between(started, instant);
    try {
      return since.toNanos();
    } catch (ArithmeticException e) {
      if (since.isNegative()) {
        throw new UsageException(what() + ": nothing was recorded that early");
      }
      return Long.MAX_VALUE;
    }
  }

  private long sinceStart() {
    try {
      return Quantities.nanos(text.substring(1));
    } catch (UsageException e) {
      throw new UsageException(what() + ": " + e.getMessage());
    }
  }

  private Instant instant() {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private UsageException refused(String more) {
    return new UsageException(
        what() + ": neither RFC 3339 (2026-01-31T11:45:22Z) nor +D after the start" + more);
  }

  private String what() {
    return option + " " + text;
  }
}
