package io.unfreed.cli.output;

import io.unfreed.schemas.Session;
import io.unfreed.streams.report.IncarnationReport;

/** Prints reports one after the other. */
public interface ReportPrinter {
  /** Prints one report of a session, with the frames of its stacks. */
  void print(Session session, IncarnationReport report, StackBook stacks);

  /** Behind the last report of a session: what holds for all of them. */
  default void end(Session session) {}
}
