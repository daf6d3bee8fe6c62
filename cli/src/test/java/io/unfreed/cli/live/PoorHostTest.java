package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts where probes cannot record: a line each and exit code 3 from {@code record}, and what the
 * doctor says. The library records there all the same.
 */
@Tag("kernel")
class PoorHostTest {
  private static final List<String> NO_PRIVILEGE =
      List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
  private static final List<String> NO_BTF =
      List.of(
          "unshare",
          "--mount",
          "sh",
          "-c",
          "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"",
          "sh");

  private static final List<String> OWN_NUMBERS =
      List.of("unshare", "--pid", "--fork", "--mount-proc");

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
    KernelHost.assumeTool("setpriv");
    KernelHost.assumeTool("unshare");
  }

  @Test
  void shouldNameTheCapabilitiesWhenNotPrivileged() throws Exception {
    expect(
        NO_PRIVILEGE,
        Map.of(),
        "unfreed: recording needs CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE: run as root",
        "missing  privileges     not CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE");
  }

  @Test
  void shouldNameBtfWhenTheKernelHasNone() throws Exception {
    expect(
        NO_BTF,
        Map.of(),
        "unfreed: this kernel has no BTF (/sys/kernel/btf/vmlinux)",
        "missing  BTF            no /sys/kernel/btf/vmlinux");
  }

  /** The number of a process is another one's in the kernel. */
  @Test
  void shouldSayThatProcessesHaveOtherNumbersWhereThatIsSo() throws Exception {
    String line = "unfreed: this is a pid namespace of its own";
    expect(OWN_NUMBERS, Map.of(), line, "missing  processes      a pid namespace of its own");
    try (UnfreedProcess trace = new UnfreedProcess(OWN_NUMBERS, Map.of(), "trace", "io")) {
      assertThat(trace.await()).isEqualTo(3);
      assertThat(trace.err()).startsWith(line).hasLineCount(1);
    }
  }

  @Test
  void shouldNameLibbpfWhenItIsMissing() throws Exception {
    Files.createFile(directory.resolve("libbpf.so.1")); // found first, and no library
    expect(
        List.of(),
        Map.of("LD_LIBRARY_PATH", directory.toString()),
        "unfreed: libbpf.so.1 is missing: install libbpf 1.x",
        "missing  libbpf         libbpf.so.1 is missing");
  }

  private void expect(
      List<String> before, Map<String, String> environment, String line, String finding)
      throws Exception {
    Path file = directory.resolve("none.capture");
    try (UnfreedProcess record =
            new UnfreedProcess(
                before,
                environment,
                "record",
                "--probe",
                "uprobe",
                "-o",
                file.toString(),
                "--",
                "true");
        UnfreedProcess library =
            new UnfreedProcess(
                before, environment, "record", "-o", directory + "/shim.capture", "--", "true");
        UnfreedProcess doctor = new UnfreedProcess(before, environment, "doctor")) {
      assertThat(record.await()).isEqualTo(3);
      assertThat(record.err()).startsWith(line).hasLineCount(1);
      assertThat(file).doesNotExist();
      assertThat(library.await()).isZero();
      assertThat(library.err()).isEmpty();
      assertThat(doctor.await()).isZero();
      assertThat(doctor.out())
          .contains(finding)
          .endsWith("Recording by the library is possible here, by probes it is not.\n");
      assertThat(doctor.err()).isEmpty();
    }
  }
}
