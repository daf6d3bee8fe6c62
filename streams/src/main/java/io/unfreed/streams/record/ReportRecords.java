package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;

/** Reports as records of bounded size, and back. */
public final class ReportRecords {
  /** A published report lists at most this many stacks, and says how many more there are. */
  public static final int STACKS_PER_REPORT = 1000;

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
        .setCutStacks(r.stacks().size() - listed.size())
        .build();
  }

  /** The report; the stacks that were cut are not in it. */
  public static IncarnationReport fromRecord(LeakReport r) {
    return new IncarnationReport(
        r.getSession(),
        r.getIncarnation(),
        r.getProcess(),
        r.getAtNanos(),
        r.getTick(),
        r.getFinal$(),
        r.getKernel(),
        StackRecords.fromRecord(r.getTotals()),
        r.getStacks().stream().map(StackRecords::fromRecord).toList());
  }
}
