package io.unfreed.render;

import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The reports of one moment, as text: those of few processes one after the other; of many a summary
 * first, and then those that have something to list, most bytes first.
 */
final class ReportMoment {
  /** More processes than this are summed up. */
  static final int FEW = 5;

  private static final Comparator<IncarnationReport> MOST_BYTES_FIRST =
      Comparator.comparingLong((IncarnationReport report) -> report.selected().outstandingBytes())
          .reversed();

  /** Between two looks at which reports are still worth keeping. */
  private static final int ROOM = 16;

  private final ProcessSummary summary = new ProcessSummary();
  private final int mostKept;
  private List<IncarnationReport> reports = new ArrayList<>();
  private Long atNanos;

  /**
   * A moment without reports.
   *
   * @param top processes listed when there are many, 0 for all: no more are kept
   */
  ReportMoment(int top) {
    mostKept = top == 0 ? Integer.MAX_VALUE : top;
  }

  /** Adds a report, in the order in which few are printed. */
  void add(IncarnationReport report) {
    summary.add(report);
    reports.add(report);
    if (report.atNanos() != null && (atNanos == null || report.atNanos() > atNanos)) {
      atNanos = report.atNanos();
    }
    if (isMany() && reports.size() / 2 >= Math.max(mostKept, ROOM)) {
      reports = listed();
    }
  }

  boolean isEmpty() {
    return reports.isEmpty();
  }

  private boolean isMany() {
    return summary.processes() > FEW;
  }

  /** Prints them. */
  void print(Session session, TextReports text, StackBook stacks) {
    if (!isMany()) {
      reports.forEach(report -> text.print(session, report, stacks));
      return;
    }
    text.printSummary(session, atNanos, summary.title() + ", by command:", summary);
    List<IncarnationReport> listed = listed();
    listed.forEach(report -> text.print(session, report, stacks));
    text.printMore(summary.processesWithStacks() - listed.size());
  }

  /** The newest of each process that has stacks to list, as many as are kept. */
  private List<IncarnationReport> listed() {
    Map<String, IncarnationReport> newest = new LinkedHashMap<>();
    reports.forEach(report -> newest.put(report.incarnation(), report));
    return newest.values().stream()
        .filter(report -> !report.stacks().isEmpty())
        .sorted(MOST_BYTES_FIRST)
        .limit(mostKept)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
