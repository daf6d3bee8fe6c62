package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.cli.CommandRun;
import io.unfreed.cli.Main;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recorder that is told something while it runs, or killed; its target never notices. */
@Tag("kernel")
class SignalTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private Process service;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @BeforeEach
  void startService() throws Exception {
    service = new ProcessBuilder(KernelHost.program("stealth"), "--interval-ms", "50").start();
    assertThat(service.inputReader().readLine()).startsWith("listening");
  }

  @AfterEach
  void stopService() {
    service.destroyForcibly();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void shouldLeaveAWholeFileWhenToldToEnd(String signal) throws Exception {
    String file = directory.resolve("signal.capture").toString();
    try (UnfreedProcess run = recording(file)) {
      run.signal(signal);
      assertThat(run.await()).describedAs(run.err()).isZero();
    }
    assertThat(service.isAlive()).isTrue();
    CommandRun report = CommandRun.of("report", file, "--format", "json");
    assertThat(report.err()).isEmpty();
    assertThat(KernelHost.parse(report.outLines()).getFirst().at("/at/final").asBoolean()).isTrue();
  }

  @Test
  void shouldLeaveNothingInTheKernelWhenKilled() throws Exception {
    BpfTool.assumeInstalled();
    String file = directory.resolve("killed.capture").toString();
    Set<String> programs;
    Set<String> maps;
    try (UnfreedProcess run = recording(file)) {
      programs = held(run.pid(), "prog_id");
      maps = held(run.pid(), "map_id");
      assertThat(listed("prog")).containsAll(programs);
      await()
          .atMost(PATIENCE)
          .until(() -> !CommandRun.of("report", file, "--format", "json").out().isEmpty());
      run.signal("KILL");
      assertThat(run.await()).isEqualTo(128 + 9);
    }
    assertThat(programs.size()).isGreaterThan(4);
    await().atMost(PATIENCE).until(() -> listed("prog").stream().noneMatch(programs::contains));
    await().atMost(PATIENCE).until(() -> listed("map").stream().noneMatch(maps::contains));
    assertThat(service.isAlive()).isTrue();
    CommandRun report = CommandRun.of("report", file, "--format", "json");
    assertThat(report.exitCode()).describedAs(report.err()).isZero();
    assertThat(KernelHost.parse(report.outLines()).getFirst().at("/at/final").asBoolean())
        .isFalse();
  }

  @Test
  void shouldPutAMarkIntoTheRunningSession() throws Exception {
    String file = directory.resolve("mark.capture").toString();
    try (UnfreedProcess run = recording(file)) {
      assertThat(Main.run("mark", "--session", session(run), "after the deployment")).isZero();
      run.signal("TERM");
      assertThat(run.await()).describedAs(run.err()).isZero();
    }
    assertThat(Captured.marks(Path.of(file))).contains("recording", "after the deployment");
  }

  /** Records the service to a file and has begun to. */
  private UnfreedProcess recording(String file) throws Exception {
    UnfreedProcess run =
        new UnfreedProcess("record", "-p", Long.toString(service.pid()), "-o", file);
    await().atMost(PATIENCE).until(() -> Recordings.isRunning(run.pid()));
    return run;
  }

  private static String session(UnfreedProcess run) throws Exception {
    return Recordings.session(run.pid()).orElseThrow();
  }

  /** Ids of what a process has open, by the name that /proc/PID/fdinfo gives them. */
  private static Set<String> held(long pid, String name) throws Exception {
    Set<String> ids = new HashSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path file : files.toList()) {
        String text;
        try {
          text = Files.readString(file);
        } catch (NoSuchFileException closed) {
          continue;
        }
        text.lines()
            .filter(line -> line.startsWith(name + ":"))
            .forEach(line -> ids.add(line.substring(name.length() + 1).strip()));
      }
    }
    return ids;
  }

  /** Ids of what the kernel has loaded, as bpftool(8) lists it. */
  private static Set<String> listed(String kind) throws Exception {
    Set<String> ids = new HashSet<>();
    BpfTool.run(kind, "list")
        .lines()
        .filter(line -> line.matches("\\d+: .*"))
        .forEach(line -> ids.add(line.substring(0, line.indexOf(':'))));
    return ids;
  }
}
