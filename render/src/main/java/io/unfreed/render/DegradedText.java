package io.unfreed.render;

import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.Degraded;
import io.unfreed.streams.report.IncarnationReport;

/** What is said of a process whose blocks the memory did not suffice for. */
final class DegradedText {
  private DegradedText() {}

  /** The line of a report; null when every block was followed. */
  static String line(Session session, IncarnationReport report) {
    Degraded degraded = report.totals().degraded();
    if (degraded == null) {
      return null;
    }
    Integer tgid = report.process().getTgid();
    return "DEGRADED%s%s: more blocks were outstanding than its share of the ledger memory; allocations,"
            .formatted(tgid == null ? "" : ": process " + tgid, when(session, degraded))
        + " frees and outstanding%s are as of then, %d events %s count as lost, nothing is certain"
            .formatted(
                degraded.lanes() > 1 ? " of " + degraded.lanes() + " lanes" : "",
                degraded.uncountedEvents(),
                degraded.toNanos() == null ? "since" : "between");
  }

  /** From when to when, with a space in front. */
  static String when(Session session, Degraded degraded) {
    if (degraded.fromNanos() == null) {
      return "";
    }
    String from = TextReports.moment(session, degraded.fromNanos());
    return degraded.toNanos() == null
        ? " since " + from
        : " from " + from + " to " + TextReports.moment(session, degraded.toNanos());
  }
}
