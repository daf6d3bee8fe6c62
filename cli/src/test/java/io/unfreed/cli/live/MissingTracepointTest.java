package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernels that lack a tracepoint: this one, with a description of itself (BTF) in which that one
 * has another name, mounted over the real one for the command alone.
 */
@Tag("kernel")
class MissingTracepointTest {
  private static final Path DESCRIPTION = Path.of("/sys/kernel/btf/vmlinux");
  private static final String KERNEL = "this kernel (" + System.getProperty("os.version") + ")";

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() throws Exception {
    KernelHost.assumeRecording();
    KernelHost.assumeTool("unshare");
    String[] mount = {"unshare", "--mount", "mount", "--bind", "/dev/null", DESCRIPTION.toString()};
    Process tried = new ProcessBuilder(mount).redirectErrorStream(true).start();
    KernelHost.skipUnless("kernel", tried.waitFor() == 0, "no mounting over " + DESCRIPTION);
  }

  @Test
  void shouldNameTheTracepointThatATracerNeeds() throws Exception {
    expect("trace", "locks");
    expect(List.of("contention_begin"), "lock:contention_begin", "trace", "locks");
    expect(
        List.of("contention_begin", "contention_end"),
        "lock:contention_begin, lock:contention_end",
        "trace",
        "locks");
    expect(List.of("block_rq_complete"), "block:block_rq_complete", "trace", "io");
  }

  @Test
  void shouldNameTheTracepointThatPageFaultsNeedAndLeaveTheProcessAlone() throws Exception {
    String file = directory.resolve("none.capture").toString();
    String began = directory.resolve("began").toString();
    expect(
        List.of("page_fault_user"),
        "exceptions:page_fault_user",
        "record",
        "--syscalls",
        "--page-faults",
        "-o",
        file,
        "--",
        "touch",
        began);
    assertThat(directory.resolve("began")).doesNotExist();
    assertThat(directory.resolve("none.capture")).doesNotExist();
  }

  /** The same command runs where nothing is missing. */
  private void expect(String... arguments) throws Exception {
    String[] brief = Arrays.copyOf(arguments, arguments.length + 2);
    brief[arguments.length] = "--duration";
    brief[arguments.length + 1] = "100ms";
    try (UnfreedProcess run = in(List.of("no_such_tracepoint"), brief)) {
      assertThat(run.await()).describedAs(run.err()).isZero();
    }
  }

  private void expect(List<String> missing, String named, String... arguments) throws Exception {
    try (UnfreedProcess run = in(missing, arguments)) {
      assertThat(run.await()).describedAs(run.err()).isEqualTo(3);
      assertThat(run.err()).isEqualTo("unfreed: " + KERNEL + " has no tracepoint " + named + "\n");
      assertThat(run.out()).isEmpty();
    }
  }

  private UnfreedProcess in(List<String> missing, String... arguments) throws IOException {
    Path description = directory.resolve("vmlinux");
    Files.write(description, without(missing));
    String mount = "mount --bind " + description + " " + DESCRIPTION + " && exec \"$@\"";
    List<String> before = List.of("unshare", "--mount", "sh", "-c", mount, "sh");
    return new UnfreedProcess(before, Map.of(), arguments);
  }

  /** Names are as long as before, so that all else lies where it lay. */
  private static byte[] without(List<String> tracepoints) throws IOException {
    String text = new String(Files.readAllBytes(DESCRIPTION), StandardCharsets.ISO_8859_1);
    for (String tracepoint : tracepoints) {
      String name = "\0btf_trace_" + tracepoint + "\0";
      text = text.replace(name, name.replace("btf_trace_", "btf_other_"));
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
