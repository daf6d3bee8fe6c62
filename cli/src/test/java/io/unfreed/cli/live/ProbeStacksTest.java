package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.schemas.SessionEnd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stacks that the kernel side unwinds, of programs without frame pointers: what each line has left,
 * and the same whole stacks, frame by frame, as the recording library's unwinder gives, which is
 * checked against libgcc's.
 */
@Tag("kernel")
class ProbeStacksTest {
  @TempDir Path directory;

  /** A program's modes of which two runs do the same. */
  record Work(String program, String modes) {
    @Override
    public String toString() {
      return program + " " + modes;
    }
  }

  static Stream<Work> works() {
    return Stream.of(
        new Work(
            "alloc_nofp",
            "malloc,calloc,realloc,reallocarray,posix_memalign,aligned,pages,cfree,failing,nested,"
                + "storm,mmap,mremap,fork,vfork"),
        new Work("alloc", "malloc,calloc,realloc,storm"),
        new Work("torture_nofp", "longjmp,alloca,drap,callback"),
        new Work("torture_nofp", "signals,altstack,heapstack,siglongjmp"),
        // Objects that come and go, also at one address.
        new Work("torture_nofp", "plugins"),
        new Work("torture_nofp", "reload"),
        new Work("torture_cxx_nofp", "throw,rethrow,noexcept,operators,vector,constructor"));
  }

  @BeforeAll
  static void assumeBoth() {
    KernelHost.assumeRecording();
    KernelHost.assumeShim();
  }

  @ParameterizedTest
  @MethodSource("works")
  void shouldGiveTheLibrarysStacksWithoutFramePointers(Work work) throws Exception {
    KernelHost.assumeProgram(work.program);
    Path probed = directory.resolve("probed.capture");
    Path library = directory.resolve("library.capture");
    Truth truth = record(work, probed, "uprobe");
    record(work, library, "shim");

    truth.linesAreTold(work.toString(), theReport(probed));
    assertThat(left(theReport(probed))).isEqualTo(left(theReport(library)));
    SessionEnd end = Captured.end(probed);
    assertThat(end.getLost()).isZero();
    assertThat(Captured.counter(end, "incompleteStacks")).as("%s", end.getLosses()).isZero();
    assertThat(Captured.counter(end, "unwindTableBytes")).isPositive();
  }

  @Test
  void shouldCutAndSayWhereAStackIsDeeperThanItsRecord() throws Exception {
    Path file = directory.resolve("deep.capture");
    Truth truth = record(new Work("torture_nofp", "deep"), file, "uprobe");
    truth.linesAreTold("deep", theReport(file));
    SessionEnd end = Captured.end(file);
    assertThat(Captured.counter(end, "incompleteStacks"))
        .isPositive()
        .isEqualTo(Captured.counter(end, "incompleteTooDeep"));
    assertThat(theReport(file).findValuesAsText("symbol")).contains("(incomplete)");
  }

  @Test
  void shouldSayThatStacksOfFibresHaveNoBeginningAsTheLibraryDoes() throws Exception {
    Path probed = directory.resolve("probed.capture");
    Path library = directory.resolve("library.capture");
    Work fibres = new Work("torture_nofp", "fibres");
    record(fibres, probed, "uprobe");
    record(fibres, library, "shim");
    assertThat(left(theReport(probed))).isEqualTo(left(theReport(library)));
    SessionEnd end = Captured.end(probed);
    assertThat(Captured.counter(end, "incompleteStacks"))
        .isPositive()
        .isEqualTo(Captured.counter(end, "incompleteNoRule"))
        .isEqualTo(Captured.counter(Captured.end(library), "incompleteStacks"));
  }

  @Test
  void shouldSeeThroughReturnsThatAnotherTracerHasTaken() throws Exception {
    KernelHost.assumeTool("bpftrace");
    String program = KernelHost.program("alloc_nofp");
    String probe = "uretprobe:" + program + ":";
    Path file = directory.resolve("taken.capture");
    Process tracer =
        new ProcessBuilder(
                "bpftrace",
                "-e",
                probe + "mode_malloc { @a = count(); } BEGIN { printf(\"attached\\n\"); }")
            .redirectErrorStream(true)
            .start();
    try (WaitingWorkload workload = new WaitingWorkload(program, "malloc")) {
      for (String line = tracer.inputReader().readLine();
          !"attached".equals(line);
          line = tracer.inputReader().readLine()) {
        assertThat(line).as("bpftrace ended").isNotNull();
      }
      String tgid = Integer.toString(workload.tgid());
      InThread record = new InThread("record", "-p", tgid, "-o", file.toString());
      workload.go();
      workload.truth();
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
    } finally {
      tracer.destroy();
    }
    assertThat(theReport(file).at("/stacks/0/frames").findValuesAsText("symbol"))
        .containsSubsequence("mode_malloc", "run_modes", "main", "_start");
    assertThat(Captured.counter(Captured.end(file), "incompleteStacks")).isZero();
  }

  @Test
  void shouldTakeOneFrameOfSuchAProgramWhenAskedForFramePointers() throws Exception {
    Path file = directory.resolve("fp.capture");
    record(new Work("alloc_nofp", "malloc"), file, "uprobe", "--unwind", "fp");
    SessionEnd end = Captured.end(file);
    assertThat(Captured.counter(end, "unwindTableBytes")).isZero();
    assertThat(theReport(file).at("/stacks/0/frames").size()).isLessThan(3);
  }

  private Truth record(Work work, Path file, String probe, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("record", "-o", file.toString(), "--probe", probe));
    command.addAll(List.of(options));
    command.addAll(List.of("--", KernelHost.program(work.program), work.modes, "--now"));
    try (UnfreedProcess run = new UnfreedProcess(command.toArray(String[]::new))) {
      assertThat(run.await()).as(run.err()).isZero();
      return Truth.of(run.out().lines().toList());
    }
  }

  /**
   * How many blocks each stack has left, by what identifies it: the builds and addresses of its
   * frames. How large they are depends in libc's linker on the objects, of which the library is
   * one.
   */
  private static Map<String, String> left(JsonNode report) {
    Map<String, String> left = new TreeMap<>();
    for (JsonNode stack : report.get("stacks")) {
      left.put(
          stack.get("stackId").asText() + " " + stack.get("space").asText(),
          stack.get("outstandingCount").asText()
              + " blocks from "
              + String.join(" < ", stack.get("frames").findValuesAsText("symbol")));
    }
    assertThat(left).isNotEmpty();
    return left;
  }

  private static JsonNode theReport(Path file) throws Exception {
    List<JsonNode> reports =
        KernelHost.reports("report", file.toString(), "--format", "json", "--top", "0");
    assertThat(reports).hasSize(1);
    return reports.getFirst();
  }
}
