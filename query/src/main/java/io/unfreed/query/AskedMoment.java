package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.ReportQuery;

/**
 * What is asked of a recording as a whole, as it is written on a command line or in a request.
 *
 * @param at a moment; null for the end
 * @param olderNanos only blocks at least this old
 * @param sizes only blocks of these sizes
 * @param intervalNanos a report per so much recorded time; null for none
 */
public record AskedMoment(String at, long olderNanos, SizeRange sizes, Long intervalNanos) {
  /** Refuses what no recording can answer; the moment may be a mark when {@code canBeMark}. */
  public void check(boolean canBeMark) {
    if (intervalNanos != null && intervalNanos <= 0) {
      throw new UsageException("--interval must be longer than 0");
    }
    if (at != null) {
      moment().check(canBeMark);
    }
  }

  /** Whether a mark is named. */
  public boolean hasMark() {
    return at != null && moment().isMark();
  }

  /** The question as it applies to one session. */
  public ReportQuery forSession(Session session, MomentText.MarkTimes marks) {
    if (!session.getTimed()) {
      refuseUntimed("--at", at != null);
      refuseUntimed("--older", olderNanos > 0);
      refuseUntimed("--interval", intervalNanos != null);
    }
    Long atNanos = at == null ? null : (Long) moment().nanos(session, marks);
    return new ReportQuery(sizes, olderNanos, atNanos, intervalNanos);
  }

  /** Refuses an option about time. */
  public static void refuseUntimed(String option, boolean given) {
    if (given) {
      throw new UsageException(option + ": an mtrace log records no times");
    }
  }

  private MomentText moment() {
    return new MomentText("--at", at);
  }
}
