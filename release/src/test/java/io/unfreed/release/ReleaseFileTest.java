package io.unfreed.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file as a user has it: alone in a directory, without the source tree. */
class ReleaseFileTest {
  private static final Map<String, String> NO_CACHE = Map.of("UNFREED_CACHE", "off");

  @TempDir Path directory;

  @Test
  void shouldPrintItsVersionAndNothingElseWhenAsked() throws Exception {
    ReleaseRun run = ReleaseRun.of(directory, NO_CACHE, "--version");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("unfreed 0.1.0\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void shouldReportTheExactTotalsWhenGivenABundledRecording() throws Exception {
    Path recording = Path.of("..", "replay-data", "stealth.capture").toAbsolutePath();
    ReleaseRun run = ReleaseRun.of(directory, NO_CACHE, "report", recording.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("outstanding: 115637587 bytes in 703 allocations from 7 stacks")
        .contains("seen: 43188 allocations, 42485 frees");
  }

  @Test
  void shouldReplayItsOwnRecordingWhenItDemonstrates() throws Exception {
    ReleaseRun run = ReleaseRun.of(directory, NO_CACHE, "demo");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("114294784 bytes in 109 allocations from stack (leaking 0.60)")
        .contains(directory.toRealPath().resolve("unfreed") + " record -o first.capture");
  }

  @Test
  void shouldRecordACommandByTheLibraryInItWhenRun() throws Exception {
    assumeTrue(
        ReleaseFileTest.class.getResource("/io/unfreed/shim/libunfreed-shim.so") != null,
        "shim: built without the recording library");
    ReleaseRun recorded =
        ReleaseRun.of(
            directory, NO_CACHE, "record", "--probe", "shim", "-o", "x", "--", "/bin/true");
    assertThat(recorded.exitCode()).as(recorded.err()).isZero();

    ReleaseRun reported = ReleaseRun.of(directory, NO_CACHE, "report", "x");
    assertThat(reported.exitCode()).as(reported.err()).isZero();
    assertThat(reported.out()).contains("recorded by: shim");
  }

  @Test
  void shouldHoldTheProbesWhenTheyWereBuilt() throws Exception {
    assumeTrue(
        ReleaseFileTest.class.getResource("/io/unfreed/bpf/unfreed.bpf.o") != null,
        "bpf: built without the BPF program");
    try (ZipFile file = new ZipFile(System.getProperty("unfreed.release"))) {
      assertThat(file.getEntry("io/unfreed/bpf/unfreed.bpf.o")).isNotNull();
    }
  }

  @Test
  void shouldMakeItsCacheOnceAndStartFromItWhenUsedAgain() throws Exception {
    Map<String, String> environment =
        Map.of("XDG_CACHE_HOME", directory.resolve("cache").toString());
    ReleaseRun first = ReleaseRun.of(directory, environment, "--version");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.out()).isEqualTo("unfreed 0.1.0\n");
    assertThat(first.err().lines()).hasSize(1).first().asString().contains("first use");
    assertThat(cached()).hasSize(1).allMatch(name -> name.endsWith(".aot"));

    ReleaseRun again =
        ReleaseRun.of(
            directory,
            Map.of(
                "XDG_CACHE_HOME",
                directory.resolve("cache").toString(),
                "UNFREED_JAVA_OPTS",
                "-XX:AOTMode=on"), // then a cache that cannot be used ends the JVM
            "--version");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).isEqualTo("unfreed 0.1.0\n");
    assertThat(again.err()).isEmpty();
  }

  @Test
  void shouldCollectWithShortPausesWhenItServes() throws Exception {
    Map<String, String> environment =
        Map.of("UNFREED_CACHE", "off", "UNFREED_JAVA_OPTS", "-Xlog:gc:stderr");

    ReleaseRun service = ReleaseRun.of(directory, environment, "streams", "--describe");
    assertThat(service.exitCode()).as(service.err()).isZero();
    assertThat(service.err()).contains("Using G1");

    ReleaseRun other = ReleaseRun.of(directory, environment, "sessions", "--help");
    assertThat(other.err()).contains("Using Parallel");
  }

  @Test
  void shouldRunWithoutACacheWhenNoneCanBeKept() throws Exception {
    Path file = Files.createFile(directory.resolve("no-directory"));
    ReleaseRun run =
        ReleaseRun.of(directory, Map.of("XDG_CACHE_HOME", file.toString()), "--version");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void shouldSayWhatItNeedsWhenTheJdkIsTooOld() throws Exception {
    ReleaseRun run =
        ReleaseRun.of(directory, Map.of("UNFREED_JAVA_HOME", directory.toString()), "--version");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("unfreed: UNFREED_JAVA_HOME=" + directory + " is not a JDK 25 or newer\n");
  }

  private List<String> cached() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("cache").resolve("unfreed"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
