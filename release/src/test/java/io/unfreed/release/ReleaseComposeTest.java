package io.unfreed.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docker-compose.yml} as its first lines say: broker, service from the Dockerfile, report.
 */
@Tag("container")
@Timeout(1500)
class ReleaseComposeTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir Path directory;

  private Engine engine;
  private List<String> compose;

  @BeforeEach
  void startAll() throws Exception {
    Engine.assumeAnswers();
    compose = new ArrayList<>(Engine.compose());
    compose.addAll(List.of("--project-name", "unfreedtest" + ProcessHandle.current().pid()));
    engine = new Engine(HOME);
    engine.set("UNFREED_PORT", String.valueOf(freePort()));
    engine
        .run(List.of("containers/choose-images"))
        .lines()
        .map(line -> line.split("=", 2))
        .forEach(setting -> engine.set(setting[0], setting[1]));
    compose("up", "--detach", "--build");
  }

  @AfterEach
  void removeAll() throws Exception {
    if (engine != null) {
      compose("down", "--volumes");
    }
  }

  @Test
  void shouldPrintTheReportOfTheServiceWhenABundledRecordingIsReplayed() throws Exception {
    await().atMost(LIMIT).until(() -> compose("logs", "service").contains("serving kafka:19092"));

    String reported = compose("run", "--rm", "-T", "report");

    assertThat(reported)
        .isEqualTo(
            ReleaseRun.of(
                    directory,
                    Map.of("UNFREED_CACHE", "off"),
                    "report",
                    HOME.resolve("replay-data/stealth.capture").toString(),
                    "--top",
                    "3")
                .out())
        .contains("114294784 bytes in 109 allocations from stack (leaking 0.60)");
  }

  private String compose(String... arguments) throws IOException, InterruptedException {
    return engine.run(compose, arguments);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
