package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library, loaded into processes that run already: what they say they did, and what stays. */
class ShimAttachTest {
  private static final int TIMES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @ParameterizedTest
  @ValueSource(strings = {"malloc", "calloc", "realloc", "aligned", "threads", "mmap", "mremap"})
  void shouldReportWhatAProcessPrintsThatWasAttachedTo(String mode) throws Exception {
    try (WaitingWorkload workload = new WaitingWorkload(mode)) {
      isRecorded(workload, mode);
    }
  }

  @Test
  void shouldReportWhatAProcessPrintsThatKnowsItselfByAnotherNumber() throws Exception {
    try (WaitingWorkload workload = WaitingWorkload.inItsOwnNamespace("malloc")) {
      isRecorded(workload, "malloc");
    }
  }

  private void isRecorded(WaitingWorkload workload, String mode) throws Exception {
    Path file = directory.resolve("attached.capture");
    Path ready = directory.resolve("ready");
    try (UnfreedProcess record = attached(workload, file, "--ready", ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      workload.go();
      Truth printed = workload.truth();
      assertThat(record.await()).describedAs(record.err()).isZero();
      JsonNode report = KernelHost.reports("report", file.toString(), "--format", "json").getLast();
      printed.isTold(mode, report);
      assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    }
  }

  @Test
  void shouldNotTakeAProcessFromAnotherRecorder() throws Exception {
    Path file = directory.resolve("first.capture");
    Path ready = directory.resolve("first.ready");
    try (WaitingWorkload workload = new WaitingWorkload("malloc");
        UnfreedProcess first = attached(workload, file, "--ready", ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      try (UnfreedProcess second = attached(workload, directory.resolve("second.capture"))) {
        assertThat(second.await()).isEqualTo(1);
        assertThat(second.err())
            .startsWith("unfreed: process " + workload.tgid())
            .endsWith(
                "it is recorded by Unfreed already, or its recorder was killed less than 30 s ago\n")
            .hasLineCount(1);
      }
      workload.go();
      Truth printed = workload.truth();
      assertThat(first.await()).describedAs(first.err()).isZero();
      printed.isTold(
          "malloc", KernelHost.reports("report", file.toString(), "--format", "json").getLast());
    }
  }

  @Test
  void shouldLeaveNothingButTheIdleLibraryHoweverOften() throws Exception {
    Path file = directory.resolve("again.capture");
    try (WaitingWorkload workload = new WaitingWorkload("malloc")) {
      String tgid = Integer.toString(workload.tgid());
      long size = 0;
      for (int i = 0; i < TIMES; i++) {
        try (UnfreedProcess record = attached(workload, file, "--duration", "200ms", "--force")) {
          assertThat(record.await()).describedAs(record.err()).isZero();
        }
        assertThat(maps(tgid)).doesNotContain("unfreed-arena");
        long now = virtualBytes(tgid);
        assertThat(i == 0 || now == size).describedAs("%d, then %d bytes", size, now).isTrue();
        size = now;
      }
      workload.go();
      assertThat(workload.truth()).isNotNull();
    }
  }

  /** Recorded by a process that is not its parent, which would be refused. */
  private static UnfreedProcess attached(WaitingWorkload workload, Path file, String... more)
      throws Exception {
    String tgid = Integer.toString(workload.tgid());
    List<String> all =
        new ArrayList<>(List.of("record", "--probe", "shim", "-p", tgid, "-o", file.toString()));
    all.addAll(List.of(more));
    return new UnfreedProcess(all.toArray(String[]::new));
  }

  private static String maps(String tgid) throws Exception {
    return Files.readString(Path.of("/proc", tgid, "maps"));
  }

  /** In pages: the first field of statm. */
  private static long virtualBytes(String tgid) throws Exception {
    return Long.parseLong(Files.readString(Path.of("/proc", tgid, "statm")).split(" ")[0]);
  }
}
