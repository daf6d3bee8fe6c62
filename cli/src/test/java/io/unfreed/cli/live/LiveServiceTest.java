package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service whose leak nobody sees, watched live and asked about afterwards. */
@Tag("kernel")
class LiveServiceTest {
  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldCallOnlyTheLeakLeakingAndSayTheSameFromKafkaAfterwards() throws Exception {
    Process service =
        new ProcessBuilder(KernelHost.program("stealth"), "--interval-ms", "150").start();
    try {
      String port = service.inputReader().readLine().replaceAll("\\D*(\\d+),.*", "$1");
      String data = directory.resolve("data").toString();
      InThread top =
          new InThread(
              "top",
              "-p",
              Long.toString(service.pid()),
              "--interval",
              "1s",
              "--duration",
              "10s",
              "--data-dir",
              data,
              "--format",
              "json",
              "--top",
              "0");
      assertThat(get(port, "/health")).contains("healthy");
      assertThat(get(port, "/metrics")).contains("leaks 0");
      CommandRun live = top.result();
      assertThat(live.exitCode()).describedAs(live.err()).isZero();

      List<JsonNode> reports = KernelHost.parse(live.outLines());
      Set<String> leaking = new HashSet<>();
      for (JsonNode stack : reports.get(8).get("stacks")) {
        if (stack.at("/verdict/class").asText().equals("leaking")) {
          leaking.add(stack.at("/frames/0/symbol").asText());
        }
      }
      assertThat(leaking).containsExactly("prefetch_block");

      CommandRun after =
          CommandRun.of(
              "report", "--data-dir", data, "--interval", "1s", "--format", "json", "--top", "0");
      assertThat(withoutFinal(after.outLines())).isEqualTo(withoutFinal(live.outLines()));
      assertThat(after.outLines().getLast()).isEqualTo(live.outLines().getLast());
    } finally {
      service.destroyForcibly();
    }
  }

  /** The reports of the ticks; a final one may carry the time of a tick. */
  private static List<String> withoutFinal(List<String> lines) {
    List<String> ticks = new ArrayList<>(lines);
    ticks.removeIf(line -> line.contains("\"final\":true"));
    assertThat(ticks.size()).isGreaterThanOrEqualTo(4);
    return ticks;
  }

  private static String get(String port, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
