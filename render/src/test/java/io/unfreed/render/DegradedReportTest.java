package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.query.StackBook;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.Degraded;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.Selected;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is printed of a process whose blocks the memory did not suffice for. */
class DegradedReportTest {
  private static final Degraded SINCE = new Degraded(1, 2_000_000_000L, null, 7);
  private static final Session SESSION =
      Session.newBuilder().setSessionId("id").setSource(Source.EBPF).build();

  @Test
  void shouldSayWhichProcessSinceWhenAndWhatCountsWhenItIsDegraded() {
    assertThat(printed(out -> new TextReports(out, 1).print(SESSION, report(12, SINCE), BOOK)))
        .contains(
            "    DEGRADED: process 12 since +2.000s: more blocks were outstanding than its share of the"
                + " ledger memory; allocations, frees and outstanding are as of then, 7 events since"
                + " count as lost, nothing is certain\n");
  }

  @Test
  void shouldSayUntilWhenWhenAnExecMadeItCountAgain() {
    Degraded over = new Degraded(2, 2_000_000_000L, 3_500_000_000L, 7);

    assertThat(printed(out -> new TextReports(out, 1).print(SESSION, report(12, over), BOOK)))
        .contains("DEGRADED: process 12 from +2.000s to +3.500s: ")
        .contains("outstanding of 2 lanes are as of then, 7 events between count as lost");
  }

  @Test
  void shouldNameThemWhenProcessesAreSummedUp() {
    List<IncarnationReport> reports = new ArrayList<>();
    for (int tgid = 1; tgid <= 7; tgid++) {
      reports.add(report(tgid, tgid == 3 ? SINCE : null));
    }

    assertThat(printed(out -> new TextReports(out, 1).printAll(SESSION, reports, BOOK)))
        .contains(
            "    DEGRADED: 1 process held more blocks than its share of the ledger memory, nothing of it"
                + " is certain: 3 tool since +2.000s\n");
  }

  @Test
  void shouldBeAFieldOfTheTotalsOnlyWhenItIsDegraded() {
    assertThat(printed(out -> new JsonReports(out, 1).print(SESSION, report(12, SINCE), BOOK)))
        .contains(
            ",\"degraded\":{\"lanes\":1,\"fromNanos\":2000000000,\"toNanos\":null,\"uncountedEvents\":7}},");
    assertThat(printed(out -> new JsonReports(out, 1).print(SESSION, report(12, null), BOOK)))
        .doesNotContain("degraded");
  }

  private static final StackBook BOOK = new StackBook();

  private static String printed(Consumer<PrintStream> printing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    printing.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static IncarnationReport report(int tgid, Degraded degraded) {
    TotalsNumbers totals =
        new TotalsNumbers(
            new Counts(1, 0, 0, 0, 8, 8, 1, 0),
            new TotalsNumbers.OneLane(0L, 8L),
            0L,
            7,
            0,
            0L,
            1,
            List.of(),
            degraded);
    return new IncarnationReport(
        "id",
        tgid + "-1",
        new Process(tgid, 1L, "tool", null),
        4_000_000_000L,
        null,
        true,
        false,
        totals,
        Selected.all(totals, 1),
        List.of(),
        List.of());
  }
}
