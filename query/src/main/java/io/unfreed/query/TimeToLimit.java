package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;

/**
 * When a leak will have taken what memory is left, at the soonest and at the latest; in 9 of 10
 * cases it is between the two.
 */
public record TimeToLimit(long soonestNanos, long latestNanos) {
  private static final double SECOND = 1e9;

  /**
   * What memory a session says that its processes may have, bytes; null when it says nothing, or
   * what no limit can be: a record may be anybody's.
   */
  public static Long limit(Session session) {
    Long told = session.getMemoryLimitBytes();
    return told != null && told > 0 ? told : null;
  }

  /** Null where nobody can tell. */
  public static TimeToLimit of(IncarnationReport report, Verdict verdict, Long limitBytes) {
    boolean isKnown =
        limitBytes != null
            && !report.kernel()
            && verdict instanceof Verdict.Leaking leaking
            && leaking.growth() != null
            && leaking.growth().low() > 0;
    if (!isKnown) {
      return null;
    }
    Verdict.Growth growth = ((Verdict.Leaking) verdict).growth();
    double left = Math.max(0, limitBytes - report.totals().outstandingBytes());
    return new TimeToLimit(
        (long) (Math.max(0, left - growth.swingBytes()) / growth.high() * SECOND),
        (long) (left / growth.low() * SECOND));
  }
}
