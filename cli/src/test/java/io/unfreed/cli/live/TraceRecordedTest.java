package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.BrokerAccess;
import io.unfreed.cli.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tracer printed at its end, and what is reported of its recording: the same bytes. */
@Tag("kernel")
class TraceRecordedTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldReportWhatTheTracerPrintedLastWhateverItTraced() throws Exception {
    List<List<String>> traces =
        List.of(
            List.of("syscalls", "--slow", "20ms", "--interval", "400ms"),
            List.of("syscalls", "--slow", "20ms"),
            List.of("locks", "--min", "1us"),
            List.of("io", "--warn", "1us"),
            List.of("memory", "--suspect", "1"));
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      assertThat(CommandRun.of(with(access, "topics", "create")).exitCode()).isZero();
      for (int i = 0; i < traces.size(); i++) {
        String format = i % 2 == 0 ? "json" : "text";
        Path file = directory.resolve("trace" + i);
        List<String> arguments = new ArrayList<>(List.of("trace"));
        arguments.addAll(traces.get(i));
        arguments.addAll(List.of("--duration", "1500ms", "--format", format));
        String printed;
        boolean toFile = i < 3;
        arguments.addAll(toFile ? List.of("-o", file.toString()) : access.options());
        try (UnfreedProcess trace = new UnfreedProcess(arguments.toArray(String[]::new))) {
          writeSomething(directory.resolve("written" + i));
          assertThat(trace.await()).describedAs(trace.err()).isZero();
          printed = trace.out();
        }
        CommandRun report =
            toFile
                ? CommandRun.of("report", "--format", format, file.toString())
                : CommandRun.of(with(access, "report", "--format", format));

        assertThat(report.exitCode()).describedAs(report.err()).isZero();
        assertThat(report.err()).isEmpty();
        assertThat(report.out()).isNotEmpty();
        assertThat(printed).endsWith(report.out());
        if (!arguments.contains("--interval")) {
          assertThat(printed).isEqualTo(report.out());
        } else {
          CommandRun every =
              CommandRun.done("report", "--interval", "400ms", "--format", format, file.toString());
          assertThat(every.out()).isEqualTo(printed);
        }
      }
    }
  }

  @Test
  void shouldReportTheLastTickWhenTheTracerWasKilled() throws Exception {
    Path file = directory.resolve("killed");
    Path printed = directory.resolve("printed");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.unfreed.cli.Main",
            "trace",
            "syscalls",
            "--format",
            "json",
            "--interval",
            "200ms",
            "-o",
            file.toString());
    Process trace =
        builder
            .redirectOutput(printed.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      await().atMost(PATIENCE).until(() -> Files.readAllLines(printed).size() >= 5);
    } finally {
      trace.destroyForcibly().waitFor();
    }
    List<String> lines = Files.readString(printed).lines().filter(l -> l.endsWith("}")).toList();
    CommandRun report = CommandRun.of("report", "--format", "json", file.toString());

    assertThat(report.exitCode()).describedAs(report.err()).isZero();
    assertThat(report.errLines()).hasSize(1);
    assertThat(report.err()).contains("has no end: cut off, or not closed yet");
    ObjectMapper json = new ObjectMapper();
    JsonNode last = json.readTree(lines.getLast());
    JsonNode reported = json.readTree(report.out());
    assertThat(reported.at("/at/final").asBoolean()).isFalse();
    assertThat(reported.at("/at/sinceStartNanos").asLong())
        .isGreaterThanOrEqualTo(last.at("/at/sinceStartNanos").asLong());
    assertThat(reported.get("rows")).isNotEmpty();
  }

  private static void writeSomething(Path file) throws Exception {
    ProcessBuilder dd =
        new ProcessBuilder("dd", "if=/dev/zero", "of=" + file, "bs=64k", "count=20", "conv=fsync");
    assertThat(dd.redirectErrorStream(true).start().waitFor()).isZero();
  }

  private static String[] with(BrokerAccess access, String... command) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(access.options());
    return all.toArray(String[]::new);
  }
}
