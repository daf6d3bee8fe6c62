package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of many processes: summed up the same by every path, and only as text. */
@Tag("broker")
class ManyProcessesReplayTest {
  private static final long TICK = ProcessesRecording.TICK_NANOS;

  @TempDir Path directory;

  @Test
  void shouldSumUpTheSameWhenReportedAndReplayed() throws Exception {
    String file = recording();

    String reported = run("report", file);
    assertThat(reported)
        .startsWith("[+3.000s] 61 processes: 1000 bytes in 1 allocations outstanding, by command:")
        .contains("no allocation was seen in 40 processes: 40 sh")
        .containsOnlyOnce("Top 1 stacks");
    assertThat(run("replay", file)).isEqualTo(reported);

    String ticks = run("report", file, "--interval", "1s");
    assertThat(ticks).contains("In all 61 processes: ");
    assertThat(run("replay", file, "--interval", "1s")).isEqualTo(ticks);
  }

  @Test
  void shouldListEveryProcessWhenPrintedAsJson() throws Exception {
    String file = recording();

    String reported = run("report", file, "--format", "json");

    assertThat(reported.lines()).hasSize(61).allMatch(line -> line.startsWith("{\"schema\":"));
    assertThat(run("replay", file, "--format", "json")).isEqualTo(reported);
  }

  @Test
  void shouldSumUpNothingWhenOneProcessIsAskedFor() throws Exception {
    String report = run("report", recording(), "--pid", "100");

    assertThat(report).startsWith("[+3.000s] Top 1 stacks").doesNotContain("by command");
  }

  private String recording() throws Exception {
    ProcessesRecording recording = new ProcessesRecording("make");
    recording.process(100, "make -j2", 0, 3 * TICK, 1000);
    for (int i = 1; i <= 20; i++) {
      recording.process(100 + i, "/usr/lib/cc1 -quiet", i * TICK / 10, i * TICK / 10 + TICK / 20);
    }
    for (int i = 1; i <= 40; i++) {
      recording.idle(200 + i, "sh -c cc1", i * TICK / 20, i * TICK / 20 + 1);
    }
    Path file = directory.resolve("make.capture");
    recording.write(file);
    return file.toString();
  }

  private static String run(String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }
}
