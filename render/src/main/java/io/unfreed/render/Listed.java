package io.unfreed.render;

import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;

/** What of a report is listed, the same in every format. */
final class Listed {
  private Listed() {}

  /** Age of the stack's oldest block at the report's moment; null when the source has no time. */
  static Long oldestAgeNanos(IncarnationReport report, StackNumbers stack) {
    return report.atNanos() == null || stack.ages().oldestTimeNanos() == null
        ? null
        : Math.max(0, report.atNanos() - stack.ages().oldestTimeNanos());
  }
}
