package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.server.answer.AnswerLimits;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.Api;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API over recorded traces says what the command line says, of a stretch and over time. */
class TraceApiTest {
  private static final AccessRule ACCESS = AccessRule.ofNewToken();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TRACES = RecordingManifest.REPLAY_DATA.resolve("traces");

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    client.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--top 0",
        "--top 3 --at +4500ms",
        "--at +1ms",
        "--interval 2s",
        "--interval 1m --top 1",
        "--pid 8",
        "--pid 8 --interval 3s --at +9s"
      })
  void shouldTellByteForByteWhatTheCommandPrints(String options) throws Exception {
    Path locks = directory.resolve("locks");
    Path calls = directory.resolve("calls");
    TraceRecording.write(locks, 41, "locks", 12);
    TraceRecording.write(calls, 42, "syscalls", 12);
    serve(locks, calls);

    assertThat(get("trace", options)).isEqualTo(reported(options, locks, calls));
    assertThat(get("trace", with("--session trace-locks41", options)))
        .isEqualTo(reported(options, locks));
  }

  @ParameterizedTest
  @ValueSource(strings = {"syscalls", "locks", "io", "memory"})
  void shouldTellRecordedTracesByteForByte(String tracer) throws Exception {
    Path file = TRACES.resolve(tracer + ".capture");
    serve(file);

    for (String options : List.of("--top 0", "", "--interval 1s --top 0", "--at +2s")) {
      assertThat(get("trace", options)).isEqualTo(reported(options, file)).isNotEmpty();
    }
    assertThat(JSON.readTree(get("sessions", "")).get("tracer").asText()).isEqualTo(tracer);
  }

  /** With a key each, and with what bounds the longest. */
  @ParameterizedTest
  @ValueSource(strings = {"syscalls", "locks", "io", "memory"})
  void shouldTellTheRowsOfTheReportWhenTheStretchIsAllOfIt(String tracer) throws Exception {
    serve(TRACES.resolve(tracer + ".capture"));
    JsonNode whole = JSON.readTree(get("trace", "--top 0"));
    JsonNode stretch = JSON.readTree(get("trace", "--during .. --top 0"));

    assertThat(stretch.at("/from/sinceStartNanos").asLong()).isZero();
    for (String part : List.of("at", "lost", "quantiles", "tracer")) {
      assertThat(stretch.get(part)).isEqualTo(whole.get(part));
    }
    assertThat(stretch.get("rowCount").asInt()).isEqualTo(whole.get("rows").size()).isPositive();
    for (int i = 0; i < whole.get("rows").size(); i++) {
      ObjectNode row = (ObjectNode) stretch.get("rows").get(i);
      assertThat(row.remove("key").asText()).startsWith(row.at("/process/tgid").asText() + ".");
      for (JsonNode latencies : List.of(row, row.path("fromInsert"), row.path("fromIssue"))) {
        if (latencies.has("maxAtMostNanos")) {
          assertThat(((ObjectNode) latencies).remove("maxAtMostNanos"))
              .isEqualTo(latencies.get("maxNanos"));
        }
      }
      assertThat(row).isEqualTo(whole.get("rows").get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"syscalls", "locks", "io", "memory"})
  void shouldTellOfAStretchWhatReportsSayMoreAtItsEnd(String tracer) throws Exception {
    serve(TRACES.resolve(tracer + ".capture"));
    JsonNode timeline = JSON.readTree(get("trace-timeline", ""));
    int ticks = timeline.get("slots").asInt();
    assertThat(ticks).isGreaterThan(3);
    Random random = new Random(7);
    for (int time = 0; time < 8; time++) {
      int from = random.nextInt(ticks - 1);
      int to = from + 1 + random.nextInt(ticks - from - 1);
      String begin = "+" + timeline.at("/endNanos/" + from).asLong() + "ns";
      String end = "+" + timeline.at("/endNanos/" + to).asLong() + "ns";
      Map<String, Long> before = counts(JSON.readTree(get("trace", "--top 0 --at " + begin)));
      Map<String, Long> after = counts(JSON.readTree(get("trace", "--top 0 --at " + end)));
      JsonNode stretch = JSON.readTree(get("trace", "--top 0 --during " + begin + ".." + end));

      after.replaceAll((row, count) -> count - before.getOrDefault(row, 0L));
      after.values().removeIf(count -> count == 0);
      Map<String, Long> within = counts(stretch);
      within.values().removeIf(count -> count == 0); // of memory: what was only freed
      assertThat(within).isEqualTo(after);
      long drawn = 0;
      for (int slot = from + 1; slot <= to; slot++) {
        drawn += timeline.at("/count/" + slot).asLong();
      }
      assertThat(drawn).isEqualTo(within.values().stream().mapToLong(n -> n).sum());
    }
    if (tracer.equals("memory")) {
      JsonNode all = JSON.readTree(get("trace", "--during ..")).get("all");
      assertThat(timeline.at("/outstandingBytes/" + (ticks - 1)))
          .isEqualTo(all.get("outstandingBytes"));
      assertThat(timeline.at("/outstandingCount/" + (ticks - 1)))
          .isEqualTo(all.get("outstandingCount"));
    }
  }

  /** By process and what it did; rows that differ in their stacks alone are added up. */
  private static Map<String, Long> counts(JsonNode report) {
    Map<String, Long> counts = new HashMap<>();
    for (JsonNode row : report.get("rows")) {
      String name = row.at("/process/tgid").asText();
      for (String part : List.of("call", "type", "lock", "device", "operation", "stack")) {
        name += " " + row.path(part);
      }
      JsonNode count = row.has("fromInsert") ? row.at("/fromInsert/count") : row.get("count");
      counts.merge(name, (count == null ? row.get("allocations") : count).asLong(), Long::sum);
    }
    return counts;
  }

  @Test
  void shouldDrawOneRowWhenItIsAskedFor() throws Exception {
    serve(TRACES.resolve("syscalls.capture"));
    JsonNode row = JSON.readTree(get("trace", "--during ..")).at("/rows/0");
    JsonNode timeline = JSON.readTree(get("trace-timeline", "--row " + row.get("key").asText()));

    long count = 0;
    for (JsonNode slot : timeline.get("count")) {
      count += slot.asLong();
    }
    assertThat(count).isEqualTo(row.get("count").asLong()).isPositive();
  }

  @Test
  void shouldAnswerOfBothWhenSomeFilesAreTraces() throws Exception {
    Path marked = directory.resolve("marked");
    Path locks = directory.resolve("locks");
    MarkedRecording.write(marked, "marked", "ab01", 100);
    TraceRecording.write(locks, 43, "locks", 4);
    serve(marked, locks);

    List<String> sessions = new ArrayList<>();
    for (String line : get("sessions", "").lines().toList()) {
      sessions.add(JSON.readTree(line).get("id") + " " + JSON.readTree(line).get("tracer"));
    }
    assertThat(sessions)
        .containsExactlyInAnyOrder("\"marked\" null", "\"trace-locks43\" \"locks\"");
    assertThat(get("report", "")).isEqualTo(reported("", marked));
    assertThat(get("trace", "")).isEqualTo(reported("", locks));
    assertThat(JSON.readTree(get("timeline", "--session marked")).get("slots").asInt())
        .isPositive();
    assertThat(JSON.readTree(get("trace-timeline", "")).get("slots").asInt()).isEqualTo(4);
    assertThat(problem("report", "--session trace-locks43", 400))
        .isEqualTo(
            "session trace-locks43 is a trace and has no allocations: trace tells what was"
                + " counted");
    assertThat(problem("trace", "--session marked", 400))
        .isEqualTo("session marked: no such trace here");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trace --at never",
        "trace --during 5",
        "trace --during +5s..+2s",
        "trace --during .. --at +1s",
        "trace --during .. --interval 1s",
        "trace --interval 1ms",
        "trace --top -1",
        "trace --pid 4711",
        "trace --pid some",
        "trace --session nowhere",
        "trace --older 1s",
        "trace-timeline --at +1s",
        "trace-timeline --session nowhere",
        "timeline",
        "report",
        "stacks"
      })
  void shouldSayInAProblemWhatCannotBeAsked(String question) throws Exception {
    Path locks = directory.resolve("locks");
    TraceRecording.write(locks, 44, "locks", 4);
    serve(locks);
    int space = question.indexOf(' ');

    assertThat(
            problem(
                space < 0 ? question : question.substring(0, space),
                space < 0 ? "" : question.substring(space + 1),
                400))
        .isNotEmpty()
        .doesNotContain("--")
        .doesNotContain(directory.toString());
  }

  @Test
  void shouldGiveUpAQuestionThatTakesTooLong() throws Exception {
    Path locks = directory.resolve("locks");
    TraceRecording.write(locks, 45, "locks", 40);
    serve(Duration.ZERO, locks);

    for (String question : List.of("trace", "trace-timeline", "sessions")) {
      assertThat(problem(question, "", 422)).contains("took longer");
    }
  }

  /** It has all that was stated; the others have rows. */
  @Test
  void shouldGiveUpAQuestionThatNeedsTooMuchMemory() throws Exception {
    Path locks = directory.resolve("locks");
    TraceRecording.write(locks, 47, "locks", 200);
    serve(new AnswerLimits(Duration.ofMinutes(1), 200 << 10), locks);

    assertThat(problem("trace", "--interval 1s", 422)).contains("memory");
    assertThat(get("trace", "")).isEqualTo(reported("", locks));
    assertThat(JSON.readTree(get("trace", "--during +20s..+90s")).get("rows")).isNotEmpty();
    assertThat(JSON.readTree(get("trace-timeline", "")).get("slots").asInt()).isEqualTo(200);
  }

  @Test
  void shouldTellWhatWasStatedMeanwhileWhenTheFileGrows() throws Exception {
    Path growing = directory.resolve("growing");
    Path whole = directory.resolve("whole");
    TraceRecording.write(growing, 46, "syscalls", 3);
    TraceRecording.write(whole, 46, "syscalls", 9);
    serve(growing);
    assertThat(JSON.readTree(get("trace-timeline", "")).get("slots").asInt()).isEqualTo(3);

    Files.copy(whole, growing, StandardCopyOption.REPLACE_EXISTING);

    // It may be told as of before for ten times as long as the first readings took.
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> JSON.readTree(get("trace-timeline", "")).get("slots").asInt() == 9);
    assertThat(get("trace", "")).isEqualTo(reported("", whole));
  }

  private static String reported(String options, Path... files) {
    List<String> command = new ArrayList<>(List.of("report", "--format", "json"));
    Arrays.stream(files).map(Path::toString).forEach(command::add);
    command.addAll(words(options));
    CommandRun run = CommandRun.of(command.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  private static String with(String option, String options) {
    return options.isEmpty() ? option : option + " " + options;
  }

  private static List<String> words(String options) {
    return options.isEmpty() ? List.of() : Arrays.asList(options.split(" "));
  }

  private void serve(Path... files) throws IOException {
    serve(Duration.ofMinutes(1), files);
  }

  private void serve(Duration patience, Path... files) throws IOException {
    serve(new AnswerLimits(patience, Long.MAX_VALUE), files);
  }

  private void serve(AnswerLimits limits, Path... files) throws IOException {
    FileArchive archive =
        new FileArchive(List.of(files), ImportOptions.defaults(), (file, result) -> {}, limits);
    server = WebServer.start(HttpAddress.loopback(), ACCESS, new Api(new Readings(archive)));
  }

  private String problem(String what, String options, int status) throws Exception {
    HttpResponse<String> answer = ask(what, options);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    return JSON.readTree(answer.body()).get("detail").asText();
  }

  private String get(String what, String options) throws Exception {
    HttpResponse<String> answer = ask(what, options);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private HttpResponse<String> ask(String what, String options) throws Exception {
    List<String> words = words(options);
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < words.size(); i += 2) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(words.get(i).substring(2))
          .append('=')
          .append(URLEncoder.encode(words.get(i + 1), StandardCharsets.UTF_8));
    }
    URI uri = URI.create("http://127.0.0.1:" + server.port() + "/api/v1/" + what + query);
    return client.send(
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + ACCESS.token()).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
