package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.streams.trace.RandomTrace;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code streams --http} over traces: what the commands say, also of one that goes on. */
@Tag("broker")
class TraceServiceTest {
  private static final String TOKEN = "a-token-of-tests-only";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  @Test
  void shouldTellWhatTheCommandTellsOfTracesBesideAllocations() throws Exception {
    Path locks = directory.resolve("locks");
    Path marked = directory.resolve("marked");
    Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    TraceRecording.write(locks, 51, "locks", 12);
    MarkedRecording.write(marked, "marked", "ab01", 100);
    RandomTrace running = new RandomTrace(52, "running", "syscalls", 12);
    port = ServicePageTest.freePort();
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (ServiceProcess service =
              new ServiceProcess(
                  access,
                  directory.resolve("state"),
                  "--http",
                  "127.0.0.1:" + port,
                  "--token-file",
                  token.toString());
          KafkaSink sink = UndisturbedService.sink(access)) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> status("openapi.json") == 200);
        CommandRun replay =
            CommandRun.of(
                access.with("replay", "--format", "json", locks.toString(), marked.toString()));
        assertThat(replay.exitCode()).as(replay.err()).isZero();
        String session = "session=trace-locks51";

        for (String option : new String[] {"", "--at +4500ms", "--interval 3s", "--pid 8"}) {
          CommandRun report =
              CommandRun.done(("report --format json " + locks + " " + option).strip().split(" "));
          String question = option.isEmpty() ? "" : "&" + option.substring(2).replace(' ', '=');
          assertThat(get("trace?" + session + question.replace("+", "%2B")))
              .isEqualTo(report.out());
        }
        assertThat(get("sessions")).contains("\"tracer\":\"locks\"");
        JsonNode whole = json("trace?top=0&" + session);
        assertThat(json("trace?top=0&during=..&" + session).get("rows"))
            .hasSameSizeAs(whole.get("rows"));
        assertThat(count("trace-timeline?" + session)).isEqualTo(count(whole));
        assertThat(status("trace?session=marked")).isEqualTo(400);
        assertThat(status("report?" + session)).isEqualTo(400);
        assertThat(json("report?session=marked").get("schema").asText())
            .startsWith("unfreed.report");

        // An answer may be two seconds old; behind the first nothing but statements tells that.
        int published = 0;
        for (int ticks : new int[] {3, 6, 9, 11}) {
          int next = behind(running, ticks);
          TraceRecording.give(running, sink, published, next);
          published = next;
          await()
              .atMost(PATIENCE)
              .until(() ->
                  status("trace-timeline?session=running") == 200 && slots("running") == ticks);
          assertThat(json("trace?session=running").at("/at/final").asBoolean()).isFalse();
        }
        TraceRecording.give(running, sink, published, running.statements.size());
        await()
            .atMost(PATIENCE)
            .until(() -> json("trace?session=running").at("/at/final").asBoolean());
        // Which is the newest trace.
        assertThat(get("trace?top=0")).isEqualTo(get("trace?top=0&session=running"));
        assertThat(count("trace-timeline")).isEqualTo(count(json("trace?top=0")));
        service.terminate();
      }
    }
  }

  /** The first statement behind so many ticks. */
  private static int behind(RandomTrace trace, int ticks) {
    int next = 0;
    for (int heads = 0; heads < ticks; next++) {
      heads += trace.statements.get(next).getHead() == null ? 0 : 1;
    }
    return next;
  }

  private int slots(String session) throws Exception {
    return json("trace-timeline?session=" + session).get("slots").asInt();
  }

  private long count(String timeline) throws Exception {
    long count = 0;
    for (JsonNode slot : json(timeline).get("count")) {
      count += slot.asLong();
    }
    assertThat(count).isPositive();
    return count;
  }

  private static long count(JsonNode report) {
    long count = 0;
    for (JsonNode row : report.get("rows")) {
      count += row.get("count").asLong();
    }
    return count;
  }

  private JsonNode json(String question) throws Exception {
    return new ObjectMapper().readTree(get(question));
  }

  private String get(String question) throws Exception {
    HttpResponse<String> answer = ask(question);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private int status(String question) throws Exception {
    return ask(question).statusCode();
  }

  private HttpResponse<String> ask(String question) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + question))
            .header("Authorization", "Bearer " + TOKEN)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
