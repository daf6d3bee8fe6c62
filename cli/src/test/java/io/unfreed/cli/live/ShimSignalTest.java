package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import io.unfreed.cli.Main;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service started under the library: told to end, marked, limited in time, watched. */
class ShimSignalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private ProcessHandle service;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @AfterEach
  void stopService() {
    if (service != null) {
      service.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void shouldLeaveAWholeFileAndTheServiceWhenToldToEnd(String signal) throws Exception {
    Path file = directory.resolve("signal.capture");
    try (UnfreedProcess run = recording("record", "-o", file.toString())) {
      run.signal(signal);
      run.awaitExit();
      assertThat(service.isAlive()).isTrue();
    }
    JsonNode report = KernelHost.reports("report", file.toString(), "--format", "json").getFirst();
    assertThat(report.at("/at/final").asBoolean()).isTrue();
    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    assertThat(Captured.end(file).getLost()).isZero();
  }

  @Test
  void shouldPutAMarkIntoTheRunningSession() throws Exception {
    Path file = directory.resolve("mark.capture");
    try (UnfreedProcess run = recording("record", "-o", file.toString())) {
      String session = Recordings.session(run.pid()).orElseThrow();
      assertThat(Main.run("mark", "--session", session, "after the deployment")).isZero();
      run.signal("TERM");
      run.awaitExit();
    }
    assertThat(Captured.marks(file)).contains("recording", "after the deployment");
  }

  @Test
  void shouldEndAfterItsDurationAndLeaveTheService() throws Exception {
    Path file = directory.resolve("short.capture");
    try (UnfreedProcess run = started("record", "--duration", "1s", "-o", file.toString())) {
      await().atMost(PATIENCE).until(() -> isEnded(file));
      assertThat(service.isAlive()).isTrue();
      service.destroy();
      run.awaitExit();
    }
    JsonNode report = KernelHost.reports("report", file.toString(), "--format", "json").getFirst();
    assertThat(report.at("/at/final").asBoolean()).isTrue();
    assertThat(report.at("/at/sinceStartNanos").asLong()).isGreaterThanOrEqualTo(1_000_000_000L);
  }

  private static boolean isEnded(Path file) throws Exception {
    CommandRun run = CommandRun.of("report", file.toString(), "--format", "json");
    return KernelHost.parse(run.outLines()).stream()
        .anyMatch(report -> report.at("/at/final").asBoolean());
  }

  @Test
  void shouldCallOnlyTheLeakLeakingWhenWatched() throws Exception {
    List<JsonNode> reports;
    try (UnfreedProcess top =
        recording(
            "top", "--interval", "1s", "--duration", "10s", "--format", "json", "--top", "0")) {
      await().atMost(PATIENCE).until(() -> !Recordings.isRunning(top.pid()));
      service.destroy();
      top.awaitExit();
      reports = KernelHost.parse(top.out().lines().filter(l -> l.startsWith("{")).toList());
    }
    Set<String> leaking = new HashSet<>();
    for (JsonNode stack : reports.get(8).get("stacks")) {
      if (stack.at("/verdict/class").asText().equals("leaking")) {
        List<String> symbols = new ArrayList<>();
        stack.get("frames").forEach(frame -> symbols.add(frame.get("symbol").asText()));
        leaking.add(symbols.getFirst());
        assertThat(symbols).contains("prefetch_loop");
      }
    }
    assertThat(leaking).containsExactly("prefetch_block");
    assertThat(reports.getLast().at("/at/final").asBoolean()).isTrue();
  }

  /** Starts the service under a recorder, which has begun. */
  private UnfreedProcess recording(String... arguments) throws Exception {
    UnfreedProcess run = started(arguments);
    await().atMost(PATIENCE).until(() -> Recordings.isRunning(run.pid()));
    return run;
  }

  private UnfreedProcess started(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--probe", "shim", "--", KernelHost.program("stealth_nofp"), "--interval-ms", "50"));
    UnfreedProcess run = new UnfreedProcess(all.toArray(String[]::new));
    await().atMost(PATIENCE).until(() -> run.child("stealth_nofp").isPresent());
    service = run.child("stealth_nofp").orElseThrow();
    return run;
  }
}
