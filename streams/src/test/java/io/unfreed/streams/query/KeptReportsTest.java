package io.unfreed.streams.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.Process;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports of intervals, and how many of them there may be. */
class KeptReportsTest {
  private static IncarnationReport reportAt(long nanos) {
    return new IncarnationReport(
        "s",
        "7-70",
        new Process(7, 70L, "kept", null),
        nanos,
        1L,
        false,
        false,
        null,
        null,
        List.of(),
        List.of());
  }

  @Test
  void shouldKeepAllInTheirOrder() {
    KeptReports kept = new KeptReports(new ReportBudget(1 << 20));
    IncarnationReport first = reportAt(2);
    IncarnationReport second = reportAt(1);

    kept.add(first);
    kept.add(second);

    assertThat(kept.all()).containsExactly(first, second);
    assertThat(kept.heldBytes()).isPositive();
  }

  @Test
  void shouldSayHowFarTheyWentWhenTheyAreTooMany() {
    KeptReports kept = new KeptReports(new ReportBudget(10_000));

    assertThatThrownBy(
            () -> {
              for (long second = 1; second < 1000; second++) {
                kept.add(reportAt(second * 1_000_000_000));
              }
            })
        .isInstanceOf(TooManyReportsException.class)
        .hasMessageStartingWith(
            "--interval is too short: there is memory for 19 reports, which is up to 20.000 s");
    assertThat(kept.all()).hasSize(19);
  }

  /** Of several sessions, say. */
  @Test
  void shouldShareTheMemoryThatThereIs() {
    ReportBudget budget = new ReportBudget(10_000);
    KeptReports first = new KeptReports(budget);
    KeptReports second = new KeptReports(budget);
    for (long at = 1; at <= 19; at++) {
      (at % 2 == 0 ? first : second).add(reportAt(at * 1_000_000_000));
    }

    assertThatThrownBy(() -> first.add(reportAt(20_000_000_000L)))
        .isInstanceOf(TooManyReportsException.class)
        .hasMessageContaining("memory for 19 reports, which is up to 20.000 s");

    second.clear();
    assertThat(second.heldBytes()).isZero();
    first.add(reportAt(20_000_000_000L));
    assertThat(first.all()).hasSize(10);
  }
}
