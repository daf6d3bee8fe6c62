package io.unfreed.render;

import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Prints reports one after the other. */
public interface ReportPrinter {
  /** Says which moments are named in the reports to come. */
  default void know(Collection<Mark> named) {}

  /** Prints one report of a session, with the frames of its stacks. */
  void print(Session session, IncarnationReport report, StackBook stacks);

  /** Behind the last report of a session: what holds for all of them. */
  default void end(Session session) {}

  /**
   * Prints the reports of a session.
   *
   * @param reports by time
   */
  default void printAll(Session session, List<IncarnationReport> reports, StackBook stacks) {
    reports.forEach(report -> print(session, report, stacks));
  }

  /**
   * Prints the reports of a session as they come.
   *
   * @param known keys of the incarnations recorded so far; another thread adds to them
   */
  default ReportFeed follow(Session session, StackBook stacks, Set<String> known) {
    return new ReportFeed() {
      @Override
      public void take(IncarnationReport report) {
        print(session, report, stacks);
      }

      @Override
      public void settle() {}

      @Override
      public void end() {}
    };
  }
}
