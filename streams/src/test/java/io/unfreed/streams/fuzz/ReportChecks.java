package io.unfreed.streams.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.report.IncarnationReport;

/** What holds for every report, whatever was recorded (docs/contract.md, section 1). */
public final class ReportChecks {
  private ReportChecks() {}

  /** Fails for numbers that contradict each other. */
  public static void check(String what, IncarnationReport report) {
    TotalsNumbers t = report.totals();
    assertThat(t.allocations())
        .as(what + ": allocations of " + t)
        .isEqualTo(t.frees() + t.superseded() + t.closedByExec() + t.outstandingCount());
    assertThat(t.certainBytes()).as(what + ": " + t).isBetween(0L, t.outstandingBytes());
    assertThat(t.outstandingCount()).as(what + ": " + t).isNotNegative();
    assertThat(t.allocatedBytes()).as(what + ": " + t).isNotNegative();
    assertThat(t.lostEvents()).as(what + ": " + t).isNotNegative();
    assertThat(t.missingOutcomes()).as(what + ": " + t).isNotNegative();
    assertThat(t.unmatchedFrees() == null || t.unmatchedFrees() >= 0).as(what + ": " + t).isTrue();
    assertThat(t.peakBytes() == null || t.peakBytes() >= t.outstandingBytes())
        .as(what + ": " + t)
        .isTrue();
    for (StackNumbers n : report.stacks()) {
      assertThat(n.allocations())
          .as(what + ": " + n)
          .isEqualTo(n.frees() + n.superseded() + n.closedByExec() + n.outstandingCount());
      assertThat(n.certainBytes()).as(what + ": " + n).isBetween(0L, n.outstandingBytes());
      assertThat(n.outstandingCount()).as(what + ": " + n).isNotNegative();
      assertThat(n.allocatedBytes()).as(what + ": " + n).isNotNegative();
    }
  }
}
