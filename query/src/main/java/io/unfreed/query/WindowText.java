package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.streams.window.Window;

/**
 * A stretch of time as it is written on a command line or in a request: {@code A..B}, either of
 * them left out for the beginning or no end.
 *
 * @param from null for the beginning
 * @param to null for no end
 */
public record WindowText(MomentText from, MomentText to) {
  private static final String DOTS = "..";

  /** Reads an option; null for null. */
  public static WindowText of(String option, String text) {
    if (text == null) {
      return null;
    }
    int dots = text.indexOf(DOTS);
    if (dots < 0) {
      throw new UsageException(option + " " + text + ": no window: write it A..B, A.. or ..B");
    }
    return new WindowText(
        moment(option, text.substring(0, dots)),
        moment(option, text.substring(dots + DOTS.length())));
  }

  /** Refuses what is no window of any session. */
  public void check() {
    if (from != null) {
      from.check(true);
    }
    if (to != null) {
      to.check(true);
    }
  }

  /** Whether a mark is named. */
  public boolean hasMark() {
    return (from != null && from.isMark()) || (to != null && to.isMark());
  }

  /** The window in a session. */
  public Window in(Session session, MomentText.MarkTimes marks) {
    long begin = from == null ? Long.MIN_VALUE : from.nanos(session, marks);
    long end = to == null ? Long.MAX_VALUE : to.nanos(session, marks);
    if (end < begin) {
      throw new UsageException(
          "%s %s..%s: ends before it begins".formatted(from.option(), from.text(), to.text()));
    }
    return new Window(begin, end);
  }

  private static MomentText moment(String option, String text) {
    return text.isEmpty() ? null : new MomentText(option, text);
  }
}
