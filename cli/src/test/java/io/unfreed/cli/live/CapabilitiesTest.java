package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exactly the capabilities that the doctor calls enough are enough, and it tries them. */
@Tag("kernel")
class CapabilitiesTest {
  private static final List<String> BPF_ONLY =
      List.of("setpriv", "--bounding-set=-all,+bpf,+perfmon", "--inh-caps=-all");
  private static final List<String> WITH_PTRACE =
      List.of("setpriv", "--bounding-set=-all,+bpf,+perfmon,+sys_ptrace", "--inh-caps=-all");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
    KernelHost.assumeRoot();
    KernelHost.assumeTool("setpriv");
    KernelHost.assumeUprobeLinks();
  }

  @Test
  void shouldRecordACommandWhenOnlyBpfAndPerfmonAreThere() throws Exception {
    String file = directory.resolve("command.capture").toString();
    String program = KernelHost.program("alloc");
    try (UnfreedProcess record =
        run(
            BPF_ONLY, "record", "--probe", "uprobe", "-o", file, "--", program, "malloc",
            "--now")) {
      assertThat(record.await()).describedAs(record.err()).isZero();
      Truth.of(record.out().lines().toList())
          .isTold("malloc", KernelHost.reports("report", file, "--format", "json").getFirst());
    }
  }

  @Test
  void shouldRecordAProcessOfTheSameUserWhenOnlyBpfAndPerfmonAreThere() throws Exception {
    String file = directory.resolve("process.capture").toString();
    Path ready = directory.resolve("ready");
    try (WaitingWorkload target = new WaitingWorkload("realloc");
        UnfreedProcess record =
            run(
                BPF_ONLY,
                "record",
                "-p",
                Integer.toString(target.tgid()),
                "-o",
                file,
                "--ready",
                ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      target.go();
      Truth truth = target.truth();
      assertThat(record.await()).describedAs(record.err()).isZero();
      truth.isTold("realloc", KernelHost.reports("report", file, "--format", "json").getFirst());
    }
  }

  @Test
  void shouldRecordTheProcessesOfOthersWhenPtraceIsThereToo() throws Exception {
    Path ready = directory.resolve("ready");
    String file = directory.resolve("others.capture").toString();
    Process other =
        new ProcessBuilder("setpriv", "--reuid", "65534", "--clear-groups", "sleep", "600").start();
    String tgid = Long.toString(other.pid());
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> other.info().command().filter(c -> c.endsWith("/sleep")).isPresent());
      try (UnfreedProcess record =
          run(WITH_PTRACE, "record", "-p", tgid, "-o", file, "--ready", ready.toString())) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        record.signal("INT");
        assertThat(record.await()).describedAs(record.err()).isZero();
      }
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void shouldSayWhatWasTriedWhenTheDoctorIsAsked() throws Exception {
    try (UnfreedProcess doctor = run(BPF_ONLY, "doctor");
        UnfreedProcess full = run(WITH_PTRACE, "doctor")) {
      assertThat(doctor.await()).isZero();
      assertThat(doctor.out())
          .contains("note     privileges     CAP_BPF, CAP_PERFMON, not CAP_SYS_PTRACE")
          .contains("ok       probes         uprobe_multi links")
          .endsWith("Recording is possible here.\n");
      assertThat(full.await()).isZero();
      assertThat(full.out())
          .contains("ok       privileges     CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE")
          .contains("ok       probes         uprobe_multi links");
    }
  }

  private static UnfreedProcess run(List<String> before, String... arguments) throws Exception {
    return new UnfreedProcess(before, Map.of(), arguments);
  }
}
