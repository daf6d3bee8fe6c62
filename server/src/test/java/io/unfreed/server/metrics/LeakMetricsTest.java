package io.unfreed.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.query.LeakNumbers;
import io.unfreed.query.ProcessNumbers;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.TotalsNumbers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fastest leaks as Prometheus reads them. */
class LeakMetricsTest {
  private static final String LABELS =
      "{command=\"x\\\"99\",process=\"7-70\",session=\"s\",space=\"heap\",stack=\"ab\",tgid=\"7\"} ";

  @Test
  void shouldTellALeakByItsStackAndLeaveOutWhatIsNotKnown() throws IOException {
    assertThat(lines(List.of(process(7, new LeakNumbers("ab", "heap", 9, 3, null, 0.5, null)))))
        .contains(
            "unfreed_leak_bytes" + LABELS + "9.0",
            "unfreed_leak_blocks" + LABELS + "3.0",
            "unfreed_leak_confidence" + LABELS + "0.5")
        .noneMatch(line -> line.startsWith("unfreed_leak_bytes_per_second"))
        .noneMatch(line -> line.startsWith("unfreed_leak_seconds_to_limit"));
    assertThat(lines(List.of(process(7, new LeakNumbers("ab", "heap", 9, 3, 2.5, 0.5, 60.0)))))
        .contains(
            "unfreed_leak_bytes_per_second" + LABELS + "2.5",
            "unfreed_leak_seconds_to_limit" + LABELS + "60.0");
  }

  @Test
  void shouldTellTheFastestWhenThereAreTooMany() throws IOException {
    List<ProcessNumbers> processes = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      processes.add(process(i, new LeakNumbers("ab", "heap", 9, 3, (double) i, 0.5, null)));
    }

    assertThat(lines(processes))
        .filteredOn(line -> line.startsWith("unfreed_leak_bytes_per_second{"))
        .hasSize(1000)
        .anyMatch(line -> line.endsWith("} 1499.0"))
        .noneMatch(line -> line.endsWith("} 499.0"));
  }

  /** Counters below 0 there are none: what one report says must not take all others with it. */
  @Test
  void shouldServeTheOthersWhenAReportSaysWhatCannotBe() throws IOException {
    LeakNumbers leak = new LeakNumbers("ab", "heap", 9, 3, null, 0.5, null);
    ProcessNumbers foreign = process(8, new Counts(-1, -1, 0, 0, -8, -8, -1, 0), leak);

    assertThat(lines(List.of(process(7, leak), foreign)))
        .anyMatch(line -> line.matches("unfreed_allocations_total\\{.*tgid=\"7\"} 1.0"))
        .anyMatch(line -> line.matches("unfreed_allocations_total\\{.*tgid=\"8\"} 0.0"));
  }

  private static List<String> lines(List<ProcessNumbers> processes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Metrics(() -> processes, Map::of).write(out);
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static ProcessNumbers process(int tgid, LeakNumbers leak) {
    return process(tgid, new Counts(1, 0, 0, 0, 8, 8, 1, 0), leak);
  }

  private static ProcessNumbers process(int tgid, Counts counts, LeakNumbers leak) {
    TotalsNumbers totals =
        new TotalsNumbers(
            counts, new TotalsNumbers.OneLane(0L, 8L), 0L, 0, 0, null, 1, List.of(), null);
    return new ProcessNumbers(
        "s",
        tgid + "-70",
        tgid,
        "/bin/x\"99 --more",
        totals,
        false,
        false,
        1,
        9,
        0,
        List.of(leak),
        0);
  }
}
