package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.collector.importer.ImportOptions;
import io.unfreed.server.answer.FileArchive;
import io.unfreed.server.answer.Readings;
import io.unfreed.server.api.Api;
import io.unfreed.server.http.AccessRule;
import io.unfreed.server.http.HttpAddress;
import io.unfreed.server.http.WebServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API over files says what the command line says. */
class ApiTest {
  private static final AccessRule ACCESS = AccessRule.ofNewToken();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private Path marked;
  private WebServer server;

  @BeforeEach
  void record() throws IOException {
    marked = directory.resolve("marked.unfreed");
    MarkedRecording.write(marked, "marked", "ab01", 100);
  }

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
        "--at +3s --top 1 --sort bytes",
        "--at second --limit 1m",
        "--older 4s --min-size 50",
        "--interval 2s",
        "--pid 7",
        "--born +2s..+5s --at +6s",
        "--born first..second",
        "--freed +3s..+9s --group-by thread",
        "--group-by function --function keep*",
        "--group-by size",
        "--group-by free-stack",
        "--group-by caller:1 --module marked"
      })
  void shouldReportByteForByteWhatTheCommandPrints(String options) throws Exception {
    serve(marked);
    List<String> arguments =
        new ArrayList<>(List.of("report", marked.toString(), "--format", "json"));
    arguments.addAll(Arrays.asList(options.isEmpty() ? new String[0] : options.split(" ")));

    CommandRun command = CommandRun.of(arguments.toArray(String[]::new));
    HttpResponse<String> answer = get("report", options);

    assertThat(command.err()).isEmpty();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(command.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"stealth.capture", "perl-cycle.capture", "jq.mtrace.zst"})
  void shouldReportRealRecordingsByteForByte(String name) throws Exception {
    Path file = RecordingManifest.REPLAY_DATA.resolve(name);
    serve(file);

    assertThat(get("report", "--top 0").body())
        .isEqualTo(
            CommandRun.of("report", file.toString(), "--format", "json", "--top", "0").out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--at first..+8s",
        "--at +8s..+3s --function keep",
        "--at +1s.. --per second",
        "--at ..+4s --per allocation --group-by file --top 1"
      })
  void shouldCompareByteForByteAsTheCommandDoes(String options) throws Exception {
    serve(marked);
    List<String> arguments =
        new ArrayList<>(List.of("diff", marked.toString(), "--format", "json"));
    arguments.addAll(Arrays.asList(options.split(" ")));

    assertThat(get("diff", options).body())
        .isEqualTo(CommandRun.of(arguments.toArray(String[]::new)).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "prefetch_loop", "cache_put --at +30s"})
  void shouldExplainByteForByteAsTheCommandDoes(String question) throws Exception {
    Path file = RecordingManifest.REPLAY_DATA.resolve("stealth.capture");
    serve(file);
    List<String> arguments = new ArrayList<>(List.of("explain", file.toString()));
    arguments.addAll(Arrays.asList(question.isEmpty() ? new String[0] : question.split(" ")));
    arguments.addAll(List.of("--format", "json"));

    CommandRun command = CommandRun.of(arguments.toArray(String[]::new));
    HttpResponse<String> answer = get("explain", question.isEmpty() ? "" : "--what " + question);

    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(answer.body()).isEqualTo(command.out()).contains("unfreed.explain");
  }

  @Test
  void shouldTellWhoListensWhenAFileGrows() throws Exception {
    Path growing = Files.copy(marked, directory.resolve("growing.unfreed"));
    serve(growing);
    HttpResponse<java.io.InputStream> answer =
        client.send(request("changes", ""), HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader events =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(events.readLine()).startsWith("retry:");
      assertThat(JSON.readTree(get("report", "").body()).at("/totals/outstandingBytes").asLong())
          .isEqualTo(1020);
      Path more = directory.resolve("more.unfreed");
      MarkedRecording.write(more, "marked", "ab01", 2000);
      Files.move(more, growing, StandardCopyOption.REPLACE_EXISTING);

      String line = events.readLine();
      while (line != null && !line.startsWith("event:")) {
        line = events.readLine();
      }
      assertThat(line).isEqualTo("event: changed");
      assertThat(JSON.readTree(get("report", "").body()).at("/totals/outstandingBytes").asLong())
          .isEqualTo(20_020);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"folded", "speedscope", "pprof"})
  void shouldExportTheFileThatTheCommandWrites(String format) throws Exception {
    serve(marked);
    Path file = directory.resolve("exported");
    CommandRun.of(
        "export", marked.toString(), "--as", format, "--born", "+2s..", "-o", file.toString());

    HttpResponse<byte[]> answer =
        client.send(
            request("export", "--as " + format + " --born +2s.."),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(answer.body()).isEqualTo(Files.readAllBytes(file));
    assertThat(answer.headers().firstValue("Content-Disposition"))
        .hasValueSatisfying(value -> assertThat(value).startsWith("attachment"));
  }

  @Test
  void shouldDrawOverTimeWhatReportsSayOfEachMoment() throws Exception {
    Path perl = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture");
    serve(perl);
    JsonNode timeline = JSON.readTree(get("timeline", "").body());
    long width = timeline.get("slotNanos").asLong();
    int slots = timeline.get("slots").asInt();
    long allocations = 0;
    int asked = 0;
    for (int slot = 0; slot < slots; slot++) {
      allocations += timeline.at("/all/allocations/" + slot).asLong();
      if (slot % 101 == 0 || slot == slots - 1) {
        asked++;
        String at = "+" + (slot + 1) * width + "ns";
        JsonNode totals = JSON.readTree(get("report", "--at " + at).body()).get("totals");
        assertThat(timeline.at("/all/bytes/" + slot).asLong())
            .as(at)
            .isEqualTo(totals.get("outstandingBytes").asLong());
        assertThat(timeline.at("/all/count/" + slot).asLong())
            .isEqualTo(totals.get("outstandingCount").asLong());
        assertThat(allocations).as(at).isEqualTo(totals.get("allocations").asLong());
      }
    }
    assertThat(asked).isGreaterThan(5);
    JsonNode byStack = JSON.readTree(get("timeline", "--group-by stack --top 3").body());
    for (int slot = 0; slot < slots; slot += 50) {
      long sum = byStack.at("/others/bytes/" + slot).asLong();
      for (JsonNode group : byStack.get("groups")) {
        sum += group.at("/bytes/" + slot).asLong();
      }
      assertThat(sum).isEqualTo(timeline.at("/all/bytes/" + slot).asLong());
    }
  }

  @Test
  void shouldGiveEveryStackTheNumbersOfTheReport() throws Exception {
    serve(marked);
    JsonNode stacks = JSON.readTree(get("stacks", "--born +2s..+5s --at +6s").body());
    JsonNode report = JSON.readTree(get("report", "--born +2s..+5s --at +6s --top 0").body());

    // Born from 2 s on and before 5 s: 3 of keep, 3 of lend; at 6 s those of 2, 3 and 4 s are
    // freed.
    assertThat(stacks.get("stacks")).hasSize(2);
    assertThat(stacks.at("/stacks/0/bytes").asLong()).isEqualTo(300);
    assertThat(stacks.at("/stacks/0/bytes")).isEqualTo(report.at("/stacks/0/outstandingBytes"));
    assertThat(stacks.at("/stacks/1/allocations").asLong()).isEqualTo(3);
    int frame = stacks.at("/stacks/0/frames/0").asInt();
    assertThat(stacks.at("/frames/" + frame + "/symbol").asText()).isEqualTo("keep");
  }

  @Test
  void shouldTellWhichStacksAllocateWhatIsFreedAtOnce() throws Exception {
    serve(RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture"));
    long sum = 0;
    for (JsonNode stack : JSON.readTree(get("stacks", "").body()).get("stacks")) {
      sum += stack.get("temporary").asLong();
    }

    assertThat(sum)
        .isPositive()
        .isEqualTo(
            JSON.readTree(get("report", "").body()).at("/totals/temporaryAllocations").asLong());
    assertThat(JSON.readTree(get("stacks", "--born +0s..").body()).at("/stacks/0/temporary"))
        .isEqualTo(JSON.getNodeFactory().nullNode());
  }

  @Test
  void shouldTellSizesAndLifetimes() throws Exception {
    serve(marked);
    JsonNode shapes = JSON.readTree(get("histograms", "--born +0s..+4s").body());

    assertThat(shapes.get("sizes")).hasSize(2);
    assertThat(shapes.at("/sizes/0/fromBytes").asLong()).isEqualTo(8);
    assertThat(shapes.at("/sizes/0/allocations").asLong()).isEqualTo(4);
    assertThat(shapes.at("/sizes/0/outstandingCount").asLong()).isZero();
    assertThat(shapes.at("/sizes/1/outstandingCount").asLong()).isEqualTo(4);
    assertThat(shapes.get("lifetimes")).hasSize(1);
    assertThat(shapes.at("/lifetimes/0/frees").asLong()).isEqualTo(4);
    assertThat(shapes.at("/lifetimes/0/fromNanos").asLong()).isLessThanOrEqualTo(2_000_000_000L);
    assertThat(shapes.at("/lifetimes/0/belowNanos").asLong()).isGreaterThan(2_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "report --at never",
        "report --born 5",
        "report --born +5s..+2s",
        "report --group-by colour",
        "report --top -1",
        "report --pid 8",
        "report --session nowhere",
        "report --colour red",
        "timeline --group-by size",
        "diff",
        "export --as tar",
        "stacks --min-size 9 --max-size 3"
      })
  void shouldSayInAProblemWhatCannotBeAsked(String question) throws Exception {
    serve(marked);
    int space = question.indexOf(' ');
    String what = space < 0 ? question : question.substring(0, space);

    HttpResponse<String> answer = get(what, space < 0 ? "" : question.substring(space + 1));

    assertThat(answer.statusCode()).isEqualTo(400);
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("detail").asText())
        .isNotEmpty()
        .doesNotContain("--")
        .doesNotContain(directory.toString());
  }

  @Test
  void shouldNotTellWhereFilesAreWhenTheyCannotBeRead() throws Exception {
    serve(marked);
    Files.delete(marked);

    HttpResponse<String> answer = get("report", "");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain(directory.toString()).doesNotContain("marked");
  }

  @Test
  void shouldGiveUpAQuestionThatTakesTooLong() throws Exception {
    serve(Duration.ZERO, marked);

    assertThat(get("report", "").statusCode()).isEqualTo(422);
  }

  @Test
  void shouldListSessionsAndDescribeItself() throws Exception {
    serve(marked);
    JsonNode description = JSON.readTree(get("openapi.json", "").body());

    assertThat(JSON.readTree(get("sessions", "").body()).get("id").asText()).isEqualTo("marked");
    assertThat(description.get("openapi").asText()).startsWith("3.");
    description
        .get("paths")
        .fieldNames()
        .forEachRemaining(path -> {
          if (!path.equals("/changes")) {
            assertThat(status(path.substring(1))).as(path).isNotEqualTo(404);
          }
        });
  }

  /** With each of its parameters, and with each of another question's, all without a value. */
  @Test
  void shouldTakeExactlyTheParametersThatItDescribes() throws Exception {
    serve(marked);
    JsonNode paths = JSON.readTree(get("openapi.json", "").body()).get("paths");
    Set<String> all = new TreeSet<>();
    paths.forEach(path -> all.addAll(names(path)));
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      String what = path.getKey().substring(1);
      if (!what.equals("changes") && !what.equals("openapi.json")) {
        Set<String> taken = new TreeSet<>(names(path.getValue()));
        Set<String> answered = new TreeSet<>();
        for (String name : all) {
          String body = get(what, "--" + name + " ").body();
          if (!body.contains("no such parameter here")) {
            answered.add(name);
          }
        }
        // It is named, and refused with a reason of its own.
        if (what.equals("export")) {
          answered.remove("group-by");
        }
        assertThat(answered).as(what).isEqualTo(taken);
      }
    }
  }

  private static List<String> names(JsonNode path) {
    return path.at("/get/parameters").findValuesAsText("name");
  }

  private int status(String what) {
    try {
      return get(what, "").statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void serve(Path... files) throws IOException {
    serve(Duration.ofMinutes(1), files);
  }

  private void serve(Duration patience, Path... files) throws IOException {
    FileArchive archive =
        new FileArchive(List.of(files), ImportOptions.defaults(), (file, result) -> {}, patience);
    server = WebServer.start(HttpAddress.loopback(), ACCESS, new Api(new Readings(archive)));
  }

  private HttpResponse<String> get(String what, String options) throws Exception {
    return client.send(request(what, options), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String what, String options) {
    StringBuilder query = new StringBuilder();
    String[] words = options.isEmpty() ? new String[0] : options.split(" ", -1);
    for (int i = 0; i < words.length; i += 2) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(words[i].substring(2))
          .append('=')
          .append(URLEncoder.encode(words[i + 1], StandardCharsets.UTF_8));
    }
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + "/api/v1/" + what + query))
        .header("Authorization", "Bearer " + ACCESS.token())
        .build();
  }
}
