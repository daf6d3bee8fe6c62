package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.Selected;
import java.util.List;

/** Reports as records of bounded size, and back. */
public final class ReportRecords {
  /** A published report lists at most this many stacks, and says how many more there are. */
  public static final int STACKS_PER_REPORT = 1000;

  /** And so many that hold nothing. */
  public static final int TEMPORARY_PER_REPORT = 100;

  private ReportRecords() {}

  public static LeakReport toRecord(IncarnationReport r) {
    List<StackNumbers> listed =
        r.stacks().subList(0, Math.min(STACKS_PER_REPORT, r.stacks().size()));
    return LeakReport.newBuilder()
        .setSession(r.session())
        .setIncarnation(r.incarnation())
        .setProcess(r.process())
        .setAtNanos(r.atNanos())
        .setTick(r.tick())
        .setFinal$(r.isFinal())
        .setKernel(r.kernel())
        .setTotals(StackRecords.toRecord(r.totals()))
        .setStacks(listed.stream().map(StackRecords::toRecord).toList())
        .setCutStacks(r.selected().stacks() - listed.size())
        .setTemporary(
            r.temporary().stream().limit(TEMPORARY_PER_REPORT).map(StackRecords::toRecord).toList())
        .build();
  }

  /** The report; the stacks that were cut are not in its list, but in its sums. */
  public static IncarnationReport fromRecord(LeakReport r) {
    List<StackNumbers> listed = r.getStacks().stream().map(StackRecords::fromRecord).toList();
    TotalsNumbers totals = StackRecords.fromRecord(r.getTotals());
    return new IncarnationReport(
        r.getSession(),
        r.getIncarnation(),
        r.getProcess(),
        r.getAtNanos(),
        r.getTick(),
        r.getFinal$(),
        r.getKernel(),
        totals,
        selected(listed, r.getCutStacks(), totals),
        listed,
        r.getTemporary().stream().map(StackRecords::fromRecord).toList());
  }

  /** What is published is never filtered, so the totals say what the cut list cannot. */
  private static Selected selected(List<StackNumbers> listed, int cut, TotalsNumbers totals) {
    return cut == 0 ? Selected.of(listed) : Selected.all(totals, listed.size() + cut);
  }
}
