package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.cli.ProcessesRecording;
import io.unfreed.query.StackBook;
import io.unfreed.streams.report.IncarnationReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link TextReports} does with the reports of few and of many processes. */
class ManyProcessesTest {
  private static final long TICK = ProcessesRecording.TICK_NANOS;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void shouldPrintFewOneAfterTheOther() throws Exception {
    ProcessesRecording recording = new ProcessesRecording("few");
    for (int tgid = 1; tgid <= ReportMoment.FEW; tgid++) {
      recording.process(tgid, "tool", 0, 3 * TICK + tgid, 10 * tgid);
    }
    List<IncarnationReport> reports = recording.reports(true);
    TextReports text = new TextReports(out, 10);
    reports.forEach(report -> text.print(recording.session(), report, new StackBook()));
    String oneAfterTheOther = printed();

    text.printAll(recording.session(), reports, new StackBook());

    assertThat(printed()).isEqualTo(oneAfterTheOther).contains("process 5: tool");
  }

  @Test
  void shouldSumUpManyByCommandAndListThoseWithOutstandingAllocations() throws Exception {
    ProcessesRecording recording =
        new ProcessesRecording("many")
            .process(10, "make -j2", 0, 30, 100)
            .process(11, "/usr/lib/cc1 -quiet a.c", 0, 11, 3000)
            .lossy(12, "/usr/lib/cc1 -quiet b.c", 0, 12, 9, 40_000, 1000)
            .process(13, "/usr/lib/cc1 -quiet c.c", 0, 13)
            .idle(14, "/usr/lib/cc1 -quiet d.c", 0, 14)
            .idle(15, "sh -c cc1", 0, 15)
            .idle(16, "sh -c cc1", 0, 16);

    new TextReports(out, 10)
        .printAll(recording.session(), recording.reports(false), new StackBook());

    assertThat(printed())
        .isEqualTo(
            """
            [+0.000s] 7 processes: 44100 bytes in 4 allocations outstanding, by command:
                command  processes  allocations  outstanding bytes  outstanding count  lost
                cc1              4            5              44000                  3     9
                make             1            2                100                  1     0
                sh               2            0                  0                  0     0
                no allocation was seen in 3 processes: 2 sh, 1 cc1
            [+0.000s] Top 1 stacks with outstanding allocations:
                process 12: /usr/lib/cc1 -quiet b.c
                    41000 bytes in 2 allocations from stack
                            frames
                outstanding: 41000 bytes in 2 allocations from 1 stacks, peak 41000 bytes
                seen: 2 allocations, 0 frees
                LOST: 9 events; of the outstanding bytes 0 are certain
            [+0.000s] Top 1 stacks with outstanding allocations:
                process 11: /usr/lib/cc1 -quiet a.c
                    3000 bytes in 1 allocations from stack
                            frames
                outstanding: 3000 bytes in 1 allocations from 1 stacks, peak 3000 bytes
                seen: 2 allocations, 1 frees, 1 temporary
            [+0.000s] Top 1 stacks with outstanding allocations:
                process 10: make -j2
                    100 bytes in 1 allocations from stack
                            frames
                outstanding: 100 bytes in 1 allocations from 1 stacks, peak 100 bytes
                seen: 2 allocations, 1 frees, 1 temporary
            """);
  }

  @Test
  void shouldSayHowManyItDoesNotListWhenThereAreMoreThanAsked() throws Exception {
    ProcessesRecording recording = new ProcessesRecording("more");
    for (int tgid = 1; tgid <= 100; tgid++) {
      recording.process(tgid, "tool", 0, 1, 1000 + tgid * 37 % 101);
    }
    List<IncarnationReport> reports = recording.reports(false);

    new TextReports(out, 2).printAll(recording.session(), reports, new StackBook());
    assertThat(printed().lines().filter(line -> line.contains("process")))
        .containsExactly(
            "[+0.000s] 100 processes: 105050 bytes in 100 allocations outstanding, by command:",
            "    command  processes  allocations  outstanding bytes  outstanding count  lost",
            "    process 30: tool",
            "    process 60: tool",
            "    98 more processes have outstanding allocations: --top 0 lists all");

    new TextReports(out, 0).printAll(recording.session(), reports, new StackBook());
    assertThat(printed().lines().filter(line -> line.contains("    process "))).hasSize(100);
  }

  @Test
  void shouldPutThoseThatEndedSinceTheTickBeforeBesideItAndSumAllUpAtLast() throws Exception {
    ProcessesRecording recording = new ProcessesRecording("ticks");
    for (int tgid = 1; tgid <= 4; tgid++) {
      recording.process(tgid, "stays", 0, 2 * TICK + tgid, 1000);
    }
    recording.process(5, "early", 0, 100, 50);
    recording.process(6, "early", 0, TICK / 2, 50);
    recording.process(7, "late", TICK + 1, TICK + 2, 1);

    new TextReports(out, 10)
        .printAll(recording.session(), recording.reports(true), new StackBook());

    assertThat(printed().lines().filter(line -> line.startsWith("[") || line.contains("process ")))
        .containsExactly(
            "[+1.000s] 6 processes: 4100 bytes in 6 allocations outstanding, by command:",
            "[+1.000s] Top 1 stacks with outstanding allocations:",
            "    process 1: stays",
            "[+1.000s] Top 1 stacks with outstanding allocations:",
            "    process 2: stays",
            "[+1.000s] Top 1 stacks with outstanding allocations:",
            "    process 3: stays",
            "[+1.000s] Top 1 stacks with outstanding allocations:",
            "    process 4: stays",
            "[+0.000s] Top 1 stacks with outstanding allocations:",
            "    process 5: early",
            "[+0.500s] Top 1 stacks with outstanding allocations:",
            "    process 6: early",
            "[+1.000s] Top 1 stacks with outstanding allocations:",
            "    process 7: late",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 1: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 2: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 3: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 4: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 1: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 2: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 3: stays",
            "[+2.000s] Top 1 stacks with outstanding allocations:",
            "    process 4: stays",
            "[+2.000s] In all 7 processes: 4101 bytes in 7 allocations outstanding at last, by"
                + " command:");
  }

  private String printed() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text.replaceAll("stack [0-9a-f]{32}, frames not recorded", "frames");
  }
}
