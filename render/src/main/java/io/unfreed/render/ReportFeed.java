package io.unfreed.render;

import io.unfreed.streams.report.IncarnationReport;

/** Prints the reports of a session that is being recorded. Used by one thread. */
public interface ReportFeed {
  /** Takes a report as it was published. */
  void take(IncarnationReport report);

  /** Called again and again: prints what is complete by now. */
  void settle();

  /** No more comes: prints what is left. */
  void end();
}
