package io.unfreed.streams.query;

import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports of intervals, kept until all events are applied: only then is their order over all
 * processes known, and their frames. Bounded: an interval may be shorter than the time between two
 * events. Not thread-safe.
 */
final class KeptReports {
  /**
   * Of a stack's numbers, ages, verdict and evidence; 980 in a histogram of a heap full of them.
   */
  private static final long BYTES_PER_STACK = 1024;

  /** Roughly, of a report without stacks. */
  private static final long BYTES_PER_REPORT = 512;

  private final List<IncarnationReport> reports = new ArrayList<>();
  private final ReportBudget budget;
  private long heldBytes;

  /** None, and no more than the budget has room for. */
  KeptReports(ReportBudget budget) {
    this.budget = budget;
  }

  /**
   * Keeps one more.
   *
   * @throws TooManyReportsException when there is no room for it
   */
  void add(IncarnationReport report) {
    long stacks = report.stacks().size() + report.temporary().size();
    long bytes = BYTES_PER_REPORT + stacks * BYTES_PER_STACK;
    if (!budget.take(bytes)) {
      throw new TooManyReportsException(budget.reports(), report.atNanos());
    }
    heldBytes += bytes;
    reports.add(report);
  }

  /** Forgets all. */
  void clear() {
    budget.giveBack(reports.size(), heldBytes);
    reports.clear();
    heldBytes = 0;
  }

  /** Memory that they take, roughly. */
  long heldBytes() {
    return heldBytes;
  }

  /** In the order in which they were made. */
  List<IncarnationReport> all() {
    return new ArrayList<>(reports);
  }
}
