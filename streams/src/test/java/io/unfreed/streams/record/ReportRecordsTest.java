package io.unfreed.streams.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.LeakReport;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.lane.Ages;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.Releases;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.Selected;
import io.unfreed.streams.verdict.Histogram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportRecordsTest {
  private static final int LIMIT = ReportRecords.STACKS_PER_REPORT;

  @Test
  void shouldBeTheSameReportWhenNothingIsCut() throws Exception {
    IncarnationReport report = report(LIMIT);

    assertThat(published(report)).isEqualTo(report);
  }

  @Test
  void shouldKeepTheSumsWhenTheListIsCut() throws Exception {
    IncarnationReport report = report(LIMIT + 500);
    IncarnationReport published = published(report);

    assertThat(published.stacks()).isEqualTo(report.stacks().subList(0, LIMIT));
    assertThat(published.selected()).isEqualTo(report.selected());
    assertThat(published.selected().stacks()).isEqualTo(LIMIT + 500);
  }

  @Test
  void shouldListNoMoreThanSomeOfThoseThatHoldNothing() throws Exception {
    IncarnationReport held = report(3);
    IncarnationReport report =
        new IncarnationReport(
            held.session(),
            held.incarnation(),
            held.process(),
            held.atNanos(),
            held.tick(),
            held.isFinal(),
            held.kernel(),
            held.totals(),
            held.selected(),
            held.stacks(),
            report(ReportRecords.TEMPORARY_PER_REPORT + 20).stacks());

    assertThat(published(report).temporary())
        .isEqualTo(report.temporary().subList(0, ReportRecords.TEMPORARY_PER_REPORT));
    assertThat(published(report).stacks()).isEqualTo(held.stacks());
  }

  @Test
  void shouldStillSayHowManyWereCutWhenPublishedAgain() throws Exception {
    IncarnationReport once = published(report(LIMIT + 500));

    assertThat(ReportRecords.toRecord(once).getCutStacks()).isEqualTo(500);
    assertThat(published(once)).isEqualTo(once);
  }

  private static IncarnationReport published(IncarnationReport report) throws Exception {
    RecordCodec<LeakReport> codec = RecordCodec.leakReports();
    return ReportRecords.fromRecord(codec.decode(codec.encode(ReportRecords.toRecord(report))));
  }

  /** Every stack holds a block, of one byte more than the next, of which one is not certain. */
  private static IncarnationReport report(int count) {
    List<StackNumbers> stacks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/tool", i)));
      long bytes = 1 + count - i;
      stacks.add(
          new StackNumbers(
              new StackKey(id, AddressSpace.HEAP),
              new Counts(1, 0, 0, 0, bytes, bytes, 1, bytes - 1),
              1,
              new Ages(5L, Histogram.EMPTY),
              new Releases(3L, null),
              null,
              null,
              null));
    }
    Selected sums = Selected.of(stacks);
    TotalsNumbers totals =
        new TotalsNumbers(
            new Counts(
                count,
                0,
                0,
                0,
                sums.outstandingBytes(),
                sums.outstandingBytes(),
                sums.outstandingCount(),
                sums.certainBytes()),
            new TotalsNumbers.OneLane(0L, sums.outstandingBytes()),
            0L,
            1,
            0,
            0L,
            count,
            List.of(),
            null);
    Process process = new Process(7, 70L, "tool", null);
    return new IncarnationReport(
        "session", "7-70", process, 10L, null, true, false, totals, sums, stacks, List.of());
  }
}
