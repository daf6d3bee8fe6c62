package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.trace.RandomTrace;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded traces, reported from files and from a broker. */
class RecordedTraceTest {
  @TempDir Path directory;

  @Test
  void shouldTellTheLastTickOfAFileAsTextAndAsJson() throws Exception {
    Path file = directory.resolve("trace");
    RandomTrace trace = TraceRecording.write(file, 11, "locks", 9);
    CommandRun text = CommandRun.done("report", file.toString());
    CommandRun json = CommandRun.done("report", "--format", "json", "--top", "0", file.toString());
    JsonNode report = new ObjectMapper().readTree(json.out());

    assertThat(text.err()).isEmpty();
    assertThat(text.out())
        .contains("Waits for locks in 9.0 s:")
        .contains("process7 (7)  futex 0x1")
        .contains("                        wait1 [libc.so.6]\n")
        .contains("                        0x40 [libc.so.6]\n")
        .contains("slow: slow (7) thread 8  mmap  9.00 ms = EINTR\n")
        .contains("lost: 2 found no place");
    assertThat(report.at("/schema").asText()).isEqualTo("unfreed.trace/1");
    assertThat(report.at("/at/final").asBoolean()).isTrue();
    assertThat(report.get("rows")).hasSameSizeAs(trace.latencies.getLast().keySet());
    for (JsonNode row : report.get("rows")) {
      String key = row.at("/process/tgid").asText() + "/" + row.get("lock").asText().substring(2);
      List<Long> latencies = trace.latencies.getLast().get(key);
      assertThat(row.get("count").asLong()).isEqualTo(latencies.size());
      assertThat(row.get("totalNanos").asLong())
          .isEqualTo(latencies.stream().mapToLong(n -> n).sum());
    }
  }

  @Test
  void shouldTellAnEarlierTickWhenAMomentIsAskedForAndOneProcessWhenItIs() throws Exception {
    Path file = directory.resolve("trace");
    RandomTrace trace = TraceRecording.write(file, 12, "syscalls", 9);
    CommandRun at =
        CommandRun.done(
            "report",
            "--at",
            "+4500ms",
            "--pid",
            "8",
            "--top",
            "0",
            "--format",
            "json",
            file.toString());
    JsonNode report = new ObjectMapper().readTree(at.out());

    assertThat(report.at("/at/final").asBoolean()).isFalse();
    assertThat(report.at("/at/sinceStartNanos").asLong() / RandomTrace.TICK_NANOS).isEqualTo(4);
    assertThat(report.get("rows"))
        .hasSize(
            (int)
                trace.latencies.get(3).keySet().stream()
                    .filter(key -> key.startsWith("8/"))
                    .count());
    CommandRun before = CommandRun.of("report", "--at", "+1ms", file.toString());
    assertThat(before.err())
        .isEqualTo("unfreed: session trace-syscalls12: nothing was stated up to that moment\n");
    assertThat(before.out()).isEmpty();
  }

  @Test
  void shouldTellATickPerIntervalAsEachIsToldAloneAndTheLastOne() throws Exception {
    Path file = directory.resolve("trace");
    TraceRecording.write(file, 18, "locks", 9);
    for (String format : List.of("text", "json")) {
      String[] ask = {"report", "--format", format, file.toString()};
      StringBuilder alone = new StringBuilder();
      for (String moment : List.of("+2500ms", "+4500ms", "+6500ms", "+8500ms", "+1h")) {
        alone.append(CommandRun.done(with(ask, "--at", moment)).out());
      }
      CommandRun every = CommandRun.done(with(ask, "--interval", "2s"));

      assertThat(every.out()).isEqualTo(alone.toString());
      assertThat(every.err()).isEmpty();
    }
    CommandRun rarely = CommandRun.done("report", "--interval", "1m", file.toString());
    assertThat(rarely.out()).isEqualTo(CommandRun.done("report", file.toString()).out());
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void shouldTellTheLastWholeTickWhenTheFileIsCut() throws Exception {
    Path file = directory.resolve("trace");
    RandomTrace trace = new RandomTrace(13, "cut", "syscalls", 9);
    try (var out = io.unfreed.collector.capture.CaptureWriter.create(file, false)) {
      TraceRecording.give(trace, out, 0, trace.statements.size() / 2);
      TraceRecording.give(trace, out, trace.statements.size() / 2, trace.statements.size());
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 40));
    CommandRun report = CommandRun.done("report", "--format", "json", file.toString());

    assertThat(report.errLines()).hasSize(1);
    assertThat(report.err()).contains("statements of a trace in 1 whole blocks");
    assertThat(new ObjectMapper().readTree(report.out()).at("/at/final").asBoolean()).isFalse();
  }

  @Test
  void shouldSayInOneLineWhatCannotBeAskedOfATrace() throws Exception {
    Path file = directory.resolve("trace");
    TraceRecording.write(file, 14, "syscalls", 2);
    for (String[] option :
        new String[][] {
          {"--older", "1s"}, {"--min-size", "3"}, {"--group-by", "size"}, {"--sort", "count"}
        }) {
      CommandRun run = CommandRun.of("report", option[0], option[1], file.toString());
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.errLines())
          .containsExactly(
              "unfreed: a trace has no allocations: of it only --at, --interval, --pid, --top and"
                  + " --format can be asked");
    }
  }

  @Test
  void shouldRefuseInOneLineWhenACommandAsksForAllocations() throws Exception {
    Path file = directory.resolve("trace");
    TraceRecording.write(file, 17, "syscalls", 2);
    Path out = directory.resolve("out");
    for (String[] command :
        new String[][] {
          {"check", file.toString()},
          {"explain", file.toString()},
          {"diff", file.toString(), file.toString()},
          {"export", file.toString(), "--as", "pprof", "-o", out.toString()}
        }) {
      CommandRun run = CommandRun.of(command);
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.errLines())
          .containsExactly(
              "unfreed: session trace-syscalls17 is a trace and has no allocations: report tells"
                  + " what was counted");
      assertThat(run.out()).isEmpty();
      assertThat(out).doesNotExist();
    }
  }

  @Test
  void shouldWriteAPageInAFileOfTheMomentAndTheProcessThatAreAskedFor() throws Exception {
    Path file = directory.resolve("trace");
    RandomTrace trace = TraceRecording.write(file, 18, "syscalls", 9);
    Path out = directory.resolve("case.html");
    String[] export = {"export", file.toString(), "--as", "html", "--force", "-o", out.toString()};
    CommandRun.done(with(export, "--at", "+4500ms", "--pid", "8"));
    JsonNode stretch = new ObjectMapper().readTree(answers(out).get("trace").asText());

    assertThat(answers(out).at("/question/to").asLong() / RandomTrace.TICK_NANOS).isEqualTo(4);
    assertThat(stretch.at("/at/sinceStartNanos").asLong() / RandomTrace.TICK_NANOS).isEqualTo(4);
    assertThat(stretch.get("rows"))
        .isNotEmpty()
        .hasSize(
            (int)
                trace.latencies.get(3).keySet().stream()
                    .filter(key -> key.startsWith("8/"))
                    .count());
    assertThat(answers(out).at("/traceTimeline/slots").asInt()).isEqualTo(9);
    for (String[] option :
        new String[][] {{"--older", "1s"}, {"--born", "+1s.."}, {"--min-size", "3"}}) {
      CommandRun refused = CommandRun.of(with(export, option));
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.errLines())
          .containsExactly(
              "unfreed: a trace has no allocations: of its page only --at and --pid can be asked");
    }
    assertThat(CommandRun.of(with(export, "--at", "+1ms")).errLines())
        .containsExactly("unfreed: nothing was stated up to that moment");
    assertThat(CommandRun.of(with(export, "--pid", "4711")).errLines())
        .containsExactly("unfreed: --pid 4711: no such process in what was recorded");
  }

  @Test
  void shouldServeAPageWhenATraceIsViewed() throws Exception {
    Path file = directory.resolve("trace");
    TraceRecording.write(file, 19, "locks", 3);
    ProcessBuilder view =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.unfreed.cli.Main",
            "view",
            file.toString());
    Process process = view.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out = process.inputReader();
        HttpClient client = HttpClient.newHttpClient()) {
      String address = out.readLine();
      assertThat(address).contains("#token=");
      URI uri = URI.create(address.replace("#token=", "api/v1/trace?token="));
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body())
          .isEqualTo(CommandRun.done("report", "--format", "json", file.toString()).out());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** What stands in a page in a file. */
  private static JsonNode answers(Path page) throws Exception {
    String text = Files.readString(page);
    String begin = "<script type=\"application/json\" id=\"case\">";
    int from = text.indexOf(begin) + begin.length();
    return new ObjectMapper().readTree(text.substring(from, text.indexOf("</script>", from)));
  }

  @Test
  @Tag("broker")
  void shouldTellTheSameWhenItIsReplayedTwiceAndReportedFromTheBroker() throws Exception {
    Path locks = directory.resolve("locks");
    Path calls = directory.resolve("calls");
    RandomTrace trace = TraceRecording.write(locks, 15, "locks", 12);
    TraceRecording.write(calls, 16, "syscalls", 12);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      for (String format : List.of("text", "json")) {
        CommandRun expected =
            CommandRun.done("report", "--format", format, locks.toString(), calls.toString());
        for (int time = 0; time < 2; time++) {
          CommandRun replay =
              CommandRun.of(
                  access.with("replay", "--format", format, locks.toString(), calls.toString()));
          assertThat(replay.exitCode()).describedAs(replay.err()).isZero();
          assertThat(replay.out()).isEqualTo(expected.out());
        }
        CommandRun report =
            CommandRun.of(
                access.with(
                    "report", "--format", format, "--session", trace.session.getSessionId()));
        CommandRun alone = CommandRun.done("report", "--format", format, locks.toString());
        assertThat(report.err()).isEmpty();
        assertThat(report.out()).isEqualTo(alone.out());
        String[] every = {"--interval", "3s", "--format", format};
        String[] session = {"report", "--session", trace.session.getSessionId()};
        CommandRun windows = CommandRun.of(access.with(with(session, every)));
        assertThat(windows.err()).isEmpty();
        assertThat(windows.out())
            .isEqualTo(
                CommandRun.done(with(new String[] {"report", locks.toString()}, every)).out());
      }
      CommandRun sessions = CommandRun.of(access.with("sessions"));
      assertThat(sessions.outLines())
          .hasSize(2)
          .first()
          .asString()
          .startsWith("trace-locks15  ebpf  ")
          .endsWith("  trace locks of every process");
      assertThat(PublishedValues.count(access, Topics.DEAD_LETTERS)).isZero();
    }
  }
}
