package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions of every workload mode, against what the workloads print: totals and stacks. */
@Tag("kernel")
class WorkloadTruthTest {
  private static final List<String> MODES =
      List.of(
          "malloc",
          "calloc",
          "realloc",
          "reallocarray",
          "posix_memalign",
          "aligned",
          "pages",
          "cfree",
          "failing",
          "mmap",
          "mremap",
          "mremap_keep",
          "nested",
          "fork",
          "vfork",
          "storm");

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldReportWhatEachModePrintsWhenAllAreRecordedAtOnce() throws Exception {
    List<String> modes = new ArrayList<>(MODES);
    modes.addAll(List.of("threads", "reuse"));
    Map<String, WaitingWorkload> workloads = new LinkedHashMap<>();
    try {
      for (String mode : modes) {
        workloads.put(mode, new WaitingWorkload(mode));
      }
      String pids =
          workloads.values().stream()
              .map(w -> Integer.toString(w.tgid()))
              .collect(Collectors.joining(","));
      InThread record = new InThread("record", "-p", pids, "-o", file());
      Map<String, Truth> printed = new LinkedHashMap<>();
      for (Map.Entry<String, WaitingWorkload> workload : workloads.entrySet()) {
        workload.getValue().go();
        printed.put(workload.getKey(), workload.getValue().truth());
      }
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
      Map<Integer, JsonNode> reports = reports();
      workloads.forEach((mode, w) -> {
        printed.get(mode).isTold(mode, reports.get(w.tgid()));
        assertThat(recordedFrom(reports.get(w.tgid()))).as(mode).isPositive();
      });
    } finally {
      workloads.values().forEach(WaitingWorkload::close);
    }
  }

  @Test
  void shouldReportWhatEveryModePrintsWhenItIsTheCommand() throws Exception {
    String modes = String.join(",", MODES);
    Truth truth = recordCommand(List.of(), KernelHost.program("alloc"), modes);
    truth.isTold(modes, theReport());
    assertThat(recordedFrom(theReport())).isZero();
  }

  @Test
  void shouldReportWhatThreadsPrintWhenTheyAreMadeWhileRecording() throws Exception {
    Truth truth = recordCommand(List.of(), KernelHost.program("alloc"), "threads");
    assertThat(theReport().at("/totals/lostEvents").asLong()).isZero();
    truth.stacksAreTold("threads", theReport());
  }

  @Test
  void shouldCountNoUnmatchedFreeWhenLibcFreesWhatAnEndedThreadLeftInItsCache() throws Exception {
    Truth truth = recordCommand(List.of(), KernelHost.program("alloc"), "ends");
    truth.totalsAreAmong("ends", theReport());
    assertThat(theReport().at("/totals/unmatchedFrees").asLong()).isZero();
  }

  @Test
  void shouldRecordSizedFreesAndOperatorsWhereAnAllocatorDefinesThem() throws Exception {
    String modes = "sized,operators";
    List<String> prefixed = List.of("--symbols-prefix", "own_");
    Truth shared = recordCommand(prefixed, KernelHost.program("owner"), modes);
    shared.isTold("a needed library", theReport());

    String program = KernelHost.program("owner_static");
    List<String> only = List.of("--force", "--symbols-prefix", "own_", "--object", program);
    Truth linked = recordCommand(only, program, modes);
    linked.isTold("one static file", theReport());
  }

  @Test
  void shouldReportTheTruthWhenCallsAreLeftByLongjmp() throws Exception {
    String program = KernelHost.program("alloc");
    List<String> jumps = List.of("--symbols-prefix", "jump_", "--object", program);
    Truth truth = recordCommand(jumps, program, "longjmp");
    truth.isTold("longjmp", theReport());
  }

  @Test
  void shouldReportTheTruthOfAnObjectThatIsMappedWhileRecording() throws Exception {
    try (WaitingWorkload workload = new WaitingWorkload("dlopen")) {
      InThread record = recording(workload, "--symbols-prefix", "own_");
      workload.go();
      workload.line("mapped");
      workload.go(); // at once: dlopen returned when the probes were in
      Truth truth = workload.truth();
      assertThat(record.result().exitCode()).isZero();
      truth.isTold("dlopen", theReport());
    }
  }

  @Test
  void shouldReportTheTruthOfAChildWhenFollowing() throws Exception {
    try (WaitingWorkload workload = new WaitingWorkload("fork_wait")) {
      InThread record = recording(workload, "--follow-children");
      workload.go();
      int child = Integer.parseInt(workload.line("child").substring(6));
      workload.go();
      Truth truth = workload.truth();
      assertThat(record.result().exitCode()).isZero();
      truth.isTold("the child", reports().get(child));
      // It inherited its probes: seen from its first instruction.
      assertThat(recordedFrom(reports().get(child))).isZero();
    }
  }

  @Test
  void shouldReportTheTruthAfterAThreadThatIsNotTheFirstExecs() throws Exception {
    try (WaitingWorkload workload = new WaitingWorkload("thread_exec")) {
      InThread record = recording(workload);
      workload.go();
      workload.line("ready");
      workload.go();
      Truth truth = workload.truth();
      assertThat(record.result().exitCode()).isZero();
      truth.stacksAreTold("thread_exec", theReport());
    }
  }

  @Test
  void shouldPrintTheSameFromKafkaAsFromTheFile() throws Exception {
    recordCommand(List.of(), KernelHost.program("alloc"), "malloc,realloc,mmap,storm");
    String[] json = {"--format", "json", "--top", "0"};
    String data = directory.resolve("data").toString();
    List<JsonNode> fromFile = KernelHost.reports(with(json, "report", file()));
    List<JsonNode> replayed = KernelHost.reports(with(json, "replay", file(), "--data-dir", data));
    List<JsonNode> asked = KernelHost.reports(with(json, "report", "--data-dir", data));
    assertThat(fromFile).hasSize(1);
    assertThat(replayed).isEqualTo(fromFile);
    assertThat(asked).isEqualTo(fromFile);
  }

  @Test
  void shouldReportTheTruthWhenTheRecordingWentStraightToKafka() throws Exception {
    String data = directory.resolve("data").toString();
    Truth truth;
    try (WaitingWorkload workload = new WaitingWorkload("realloc,mremap,storm")) {
      InThread record =
          new InThread("record", "-p", Integer.toString(workload.tgid()), "--data-dir", data);
      workload.go();
      truth = workload.truth();
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
    }
    List<JsonNode> reports =
        KernelHost.reports("report", "--data-dir", data, "--format", "json", "--top", "0");
    truth.isTold("from Kafka", reports.getLast());
  }

  private static long recordedFrom(JsonNode report) {
    JsonNode from = report.at("/process/recordedFromNanos");
    assertThat(from.isNumber()).as("%s", from).isTrue();
    return from.asLong();
  }

  private static String[] with(String[] options, String... command) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(options));
    return all.toArray(String[]::new);
  }

  private InThread recording(WaitingWorkload workload, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("record", "-p", Integer.toString(workload.tgid()), "-o", file()));
    arguments.addAll(List.of(options));
    return new InThread(arguments.toArray(String[]::new));
  }

  private Truth recordCommand(List<String> options, String program, String modes) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("record", "--probe", "uprobe", "-o", file()));
    arguments.addAll(options);
    arguments.addAll(List.of("--", program, modes, "--now"));
    try (UnfreedProcess run = new UnfreedProcess(arguments.toArray(String[]::new))) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      return Truth.of(run.out().lines().toList());
    }
  }

  private String file() {
    return directory.resolve("session.capture").toString();
  }

  private JsonNode theReport() throws Exception {
    Map<Integer, JsonNode> reports = reports();
    assertThat(reports).hasSize(1);
    return reports.values().iterator().next();
  }

  private Map<Integer, JsonNode> reports() throws Exception {
    Map<Integer, JsonNode> reports = new LinkedHashMap<>();
    for (JsonNode r : KernelHost.reports("report", file(), "--format", "json", "--top", "0")) {
      reports.put(r.at("/process/tgid").asInt(), r);
    }
    return reports;
  }
}
