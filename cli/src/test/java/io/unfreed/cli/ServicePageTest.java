package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** {@code streams --http}: the page, the API and the metrics of a service. */
class ServicePageTest {
  private static final String TOKEN = "a-token-of-tests-only";

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  @Tag("broker")
  void shouldAnswerAsTheCommandDoesAlsoWhenAnInstanceIsKilled() throws Exception {
    Path marked = directory.resolve("marked.unfreed");
    MarkedRecording.write(marked, "marked", "ab01", 100);
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    int first = freePort();
    int second = freePort();
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (ServiceProcess one = service(access, "one", first, token);
          ServiceProcess other = service(access, "other", second, token)) {
        await().atMost(Duration.ofMinutes(2)).until(() -> status(first) + status(second) == 400);
        CommandRun replay =
            CommandRun.of(access.with("replay", "--format", "json", marked.toString()));
        assertThat(replay.exitCode()).as(replay.err()).isZero();
        CommandRun then =
            CommandRun.of(
                access.with("report", "--session", "marked", "--at", "second", "--format", "json"));
        CommandRun born =
            CommandRun.of(access.with("report", "--born", "first..second", "--format", "json"));
        for (int port : new int[] {first, second}) {
          assertThat(get(port, "/api/v1/report?session=marked&at=second").body())
              .isEqualTo(then.out());
          assertThat(get(port, "/api/v1/report?born=first..second").body()).isEqualTo(born.out());
        }
        JsonNode end = new ObjectMapper().readTree(get(first, "/api/v1/report").body());
        String bytes = end.at("/totals/outstandingBytes").asText();
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(() ->
                assertThat(get(second, "/metrics").body())
                    .contains("unfreed_outstanding_bytes{command=\"marked\",process=\"7-70\"")
                    .containsPattern("unfreed_outstanding_bytes\\{.*} " + bytes + "\\.0")
                    .containsPattern("unfreed_allocations_total\\{.*} 20\\.0")
                    .contains("unfreed_service_running"));
        assertThat(get(first, "/api/v1/report?session=nowhere").statusCode()).isEqualTo(400);

        one.kill();
        assertThat(get(second, "/api/v1/report?session=marked&at=second").body())
            .isEqualTo(then.out());
        other.terminate();
      }
    }
  }

  @Test
  @Tag("broker")
  void shouldSayHowASessionIsNowWithoutItsEventsAlsoWhileItIsRecorded() throws Exception {
    Path marked = directory.resolve("marked.unfreed");
    MarkedRecording.write(marked, "marked", "ab01", 100);
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    int first = freePort();
    int second = freePort();
    SyntheticRecording recording = new SyntheticRecording(7, 3, 60);
    String running = recording.session.getSessionId();
    int half = recording.batches.size() / 2;
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (ServiceProcess one = service(access, "one", first, token);
          ServiceProcess other = service(access, "other", second, token);
          KafkaSink sink = UndisturbedService.sink(access)) {
        await().atMost(Duration.ofMinutes(2)).until(() -> status(first) + status(second) == 400);
        CommandRun replay =
            CommandRun.of(access.with("replay", "--format", "json", marked.toString()));
        assertThat(replay.exitCode()).as(replay.err()).isZero();
        UndisturbedService.publish(recording, sink, 0, half);

        // A copy of it: what was read from the events is not told again.
        Executable again =
            () -> {
              sink.session(recording.session);
              sink.flush();
            };
        // Both instances have tasks, or one of them is asked by the other for all.
        awaitStates(access, first, "marked", again);
        awaitStates(access, second, "marked", again);
        awaitStates(access, first, running, again);
        awaitStates(access, second, running, again);
        for (String session : new String[] {"marked", running}) {
          // Blocks of all sizes but one that none has: by a pass over the events.
          // Of which it is not known how many are temporary.
          assertThat(
                  get(second, "/api/v1/stacks?session=" + session)
                      .body()
                      .replaceAll("\"temporary\":\\d+", "\"temporary\":null"))
              .isEqualTo(get(second, "/api/v1/stacks?max-size=4096g&session=" + session).body());
        }
        assertThat(get(first, "/api/v1/report?session=nowhere").statusCode()).isEqualTo(400);

        one.kill();
        assertThat(get(second, "/api/v1/report?session=marked").body())
            .isEqualTo(report(access, "marked"));
        String before = report(access, running);
        UndisturbedService.publish(recording, sink, half, recording.batches.size());
        String behind = report(access, running);
        // An answer may be two seconds old; it is never about anything else than then or now.
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> {
              String answer = get(second, "/api/v1/report?session=" + running).body();
              assertThat(answer).isIn(before, behind);
              return answer.equals(behind);
            });
        awaitStates(access, second, running, again);
        other.terminate();
      }
    }
  }

  @Test
  @Tag("broker")
  void shouldDrawASessionThatGoesOnWithoutReadingItsEventsAgain() throws Exception {
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    int port = freePort();
    SyntheticRecording recording = new SyntheticRecording(7, 3, 40);
    String id = recording.session.getSessionId();
    int looks = 2;
    int part = recording.batches.size() / (looks + 1);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (ServiceProcess service = service(access, "one", port, token);
          KafkaSink sink = UndisturbedService.sink(access)) {
        await().atMost(Duration.ofMinutes(2)).until(() -> status(port) == 200);
        Executable again =
            () -> {
              sink.session(recording.session);
              sink.flush();
            };
        UndisturbedService.publish(recording, sink, 0, part);
        awaitStates(access, port, id, again);
        JsonNode first = timeline(port, id);
        assertThat(first.get("exactNanos")).isEqualTo(first.get("lastNanos"));
        for (int look = 1; look <= looks; look++) {
          UndisturbedService.publish(recording, sink, look * part, (look + 1) * part);
          String behind = report(access, id);
          await() // an answer may be two seconds old
              .atMost(Duration.ofMinutes(2))
              .until(() -> get(port, "/api/v1/report?session=" + id).body().equals(behind));
          awaitStates(access, port, id, again);
          double passes = metric(port, "passes");
          JsonNode grown = timeline(port, id);

          // Nothing was recorded since the state was told: it is the same that draws.
          assertThat(metric(port, "passes")).isEqualTo(passes);
          assertThat(metric(port, "timelines_from_state")).isEqualTo(look);
          assertThat(grown.get("exactNanos")).isEqualTo(first.get("exactNanos"));
          assertThat(grown.get("lastNanos").asLong())
              .isGreaterThan(first.get("lastNanos").asLong());
          assertEndsAsReported(grown, behind);
        }
        service.terminate();
      }
    }
  }

  private JsonNode timeline(int port, String session) throws Exception {
    return new ObjectMapper().readTree(get(port, "/api/v1/timeline?session=" + session).body());
  }

  private static void assertEndsAsReported(JsonNode timeline, String reports) throws IOException {
    long bytes = 0;
    long count = 0;
    long allocations = 0;
    for (String line : reports.lines().toList()) {
      JsonNode totals = new ObjectMapper().readTree(line).get("totals");
      bytes += totals.get("outstandingBytes").asLong();
      count += totals.get("outstandingCount").asLong();
      allocations += totals.get("allocations").asLong();
    }
    int last = timeline.get("slots").asInt() - 1;
    long drawn = 0;
    for (JsonNode slot : timeline.at("/all/allocations")) {
      drawn += slot.asLong();
    }
    assertThat(timeline.at("/all/bytes/" + last).asLong()).isEqualTo(bytes);
    assertThat(timeline.at("/all/count/" + last).asLong()).isEqualTo(count);
    assertThat(drawn).isEqualTo(allocations);
  }

  /** Asks until the answer comes from the states; each answer is right, wherever it is from. */
  private void awaitStates(BrokerAccess access, int port, String session, Executable again)
      throws Exception {
    String expected = report(access, session);
    double before = fromStates(port);
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(3))
        .until(() -> {
          assertThat(get(port, "/api/v1/report?session=" + session).body()).isEqualTo(expected);
          if (fromStates(port) > before) {
            return true;
          }
          try {
            again.execute();
          } catch (Throwable e) {
            throw new AssertionError(e);
          }
          return false;
        });
  }

  private static String report(BrokerAccess access, String session) {
    CommandRun report =
        CommandRun.of(access.with("report", "--session", session, "--format", "json"));
    assertThat(report.exitCode()).as(report.err()).isZero();
    return report.out();
  }

  private double fromStates(int port) throws Exception {
    return metric(port, "answers_from_state");
  }

  private double metric(int port, String name) throws Exception {
    return get(port, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("unfreed_service_" + name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldRefuseToServeOtherHostsWithoutATokenOfTheOperator() {
    CommandRun open =
        CommandRun.of(
            "streams", "--data-dir", directory.resolve("d").toString(), "--http", "0.0.0.0:0");
    assertThat(open.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(open.errLines()).singleElement().asString().contains("--token-file");
    assertThat(directory.resolve("d")).doesNotExist();

    CommandRun view = CommandRun.of("view", "nothing", "--http", "nowhere");
    assertThat(view.exitCode()).isNotZero();
    assertThat(view.errLines()).hasSize(1);
  }

  private ServiceProcess service(BrokerAccess access, String name, int port, Path token)
      throws IOException {
    return new ServiceProcess(
        access,
        directory.resolve(name),
        "--http",
        "127.0.0.1:" + port,
        "--token-file",
        token.toString());
  }

  private int status(int port) {
    try {
      return get(port, "/api/v1/openapi.json").statusCode();
    } catch (Exception e) {
      return 0;
    }
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Authorization", "Bearer " + TOKEN)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
