package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.ExitCodes;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code record --metrics}: how a recorder does while it records. */
class RecorderMetricsTest {
  private static final String TOKEN = "a-token-of-tests-only";
  private static final String ALLOCATES =
      "import select,sys\nwhile not select.select([sys.stdin],[],[],0)[0]: x=bytearray(100000)";

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void shouldTellEventsAndProcessesWhileACommandIsRecorded() throws Exception {
    KernelHost.assumeShim();
    Path file = directory.resolve("recorded.capture");
    Path token = Files.writeString(directory.resolve("token"), TOKEN);
    int port = freePort();
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record",
            "--probe",
            "shim",
            "-o",
            file.toString(),
            "--metrics",
            "127.0.0.1:" + port,
            "--token-file",
            token.toString(),
            "--",
            "python3",
            "-c",
            ALLOCATES)) {
      await()
          .atMost(Duration.ofMinutes(2))
          .ignoreExceptions()
          .untilAsserted(() -> {
            String metrics = get(port, TOKEN).body();
            assertThat(metrics)
                .containsPattern("unfreed_recorder_events_total [1-9]")
                .contains("unfreed_recorder_processes 1.0")
                .contains("unfreed_recorder_lost_events_total 0.0")
                .contains("unfreed_recorder_spool_bytes 0.0")
                .containsPattern("unfreed_recorder_buffer_used_ratio [01]\\.")
                .containsPattern(
                    "unfreed_recorder_process_events_total\\{command=\"python3\",tgid=\"\\d+\"} [1-9]");
          });
      assertThat(get(port, "no-token-of-anybody").statusCode()).isEqualTo(401);
      record.stdin("end\n");
      assertThat(record.await()).as(record.err()).isZero();
    }
    JsonNode report = KernelHost.reports("report", file.toString(), "--format", "json").getLast();
    assertThat(report.at("/totals/allocations").asLong()).isPositive();
  }

  @Test
  void shouldRefuseToTellAnybodyWithoutATokenThatIsKnown() throws Exception {
    String file = directory.resolve("never.capture").toString();
    try (UnfreedProcess open =
            new UnfreedProcess("record", "-o", file, "--metrics", "0.0.0.0:0", "-p", "1");
        UnfreedProcess beside =
            new UnfreedProcess("record", "-o", file, "--metrics", "127.0.0.1:0", "--", "true");
        UnfreedProcess alone =
            new UnfreedProcess("record", "-o", file, "--token-file", file, "-p", "1")) {
      assertThat(open.await()).isEqualTo(ExitCodes.USAGE);
      assertThat(open.err()).contains("other hosts can reach it: give --token-file");
      assertThat(beside.await()).isEqualTo(ExitCodes.USAGE);
      assertThat(beside.err()).contains("beside a command");
      assertThat(alone.await()).isEqualTo(ExitCodes.USAGE);
      assertThat(alone.err()).contains("goes with --metrics");
    }
    assertThat(Path.of(file)).doesNotExist();
  }

  private HttpResponse<String> get(int port, String token)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
            .header("Authorization", "Bearer " + token)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
