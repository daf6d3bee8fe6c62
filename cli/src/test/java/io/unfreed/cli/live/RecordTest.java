package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import java.nio.file.Files;
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

/** Recordings of running processes against what the processes print. */
@Tag("kernel")
class RecordTest {
  private static final long PAGE = 4096;

  /** Bytes outstanding at each mode's end, by its source. */
  private static final Map<String, Long> OUTSTANDING = new LinkedHashMap<>();

  static {
    OUTSTANDING.put("malloc", 48L * 13);
    OUTSTANDING.put("calloc", 56L * 51);
    OUTSTANDING.put("realloc", 49L * 7);
    OUTSTANDING.put("reallocarray", 31L * 221);
    OUTSTANDING.put("posix_memalign", 42L * 37);
    OUTSTANDING.put("aligned", 22L * 192 + 43 * 97);
    OUTSTANDING.put("pages", 4L * 1511 + 5 * 1709);
    OUTSTANDING.put("mmap", (23 * 6 - 7 * 6 - 5) * PAGE);
    OUTSTANDING.put("mremap", 13L * 11 * PAGE);
    OUTSTANDING.put("failing", 0L);
    OUTSTANDING.put("nested", 6L * ((1 << 25) + 8191));
    OUTSTANDING.put("threads", null); // depends on who was last
    OUTSTANDING.put("fork", 14L * 83);
    OUTSTANDING.put("vfork", 15L * 61);
  }

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldReportExactlyWhatEachWorkloadPrintsWhenAllAreRecordedAtOnce() throws Exception {
    Map<String, WaitingWorkload> workloads = new LinkedHashMap<>();
    try {
      for (String mode : OUTSTANDING.keySet()) {
        workloads.put(mode, new WaitingWorkload(mode));
      }
      String pids =
          workloads.values().stream()
              .map(w -> Integer.toString(w.tgid()))
              .collect(Collectors.joining(","));
      String file = directory.resolve("modes.capture").toString();
      InThread record = new InThread("record", "-p", pids, "-o", file);
      Map<String, Map<String, Long>> printed = new LinkedHashMap<>();
      for (Map.Entry<String, WaitingWorkload> workload : workloads.entrySet()) {
        workload.getValue().go();
        printed.put(workload.getKey(), workload.getValue().expected());
      }
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();

      Map<Integer, JsonNode> reports = new LinkedHashMap<>();
      for (JsonNode r : KernelHost.reports("report", file, "--format", "json", "--top", "0")) {
        reports.put(r.at("/process/tgid").asInt(), r);
      }
      for (Map.Entry<String, WaitingWorkload> workload : workloads.entrySet()) {
        String mode = workload.getKey();
        check(mode, reports.get(workload.getValue().tgid()), printed.get(mode));
      }
    } finally {
      workloads.values().forEach(WaitingWorkload::close);
    }
  }

  private static void check(String mode, JsonNode report, Map<String, Long> printed) {
    assertThat(report).describedAs(mode).isNotNull();
    JsonNode totals = report.get("totals");
    long made = printed.get("alloc") + printed.get("moved") + printed.get("map");
    assertThat(totals.get("allocations").asLong()).describedAs(mode).isEqualTo(made);
    assertThat(totals.get("allocatedBytes").asLong())
        .describedAs(mode)
        .isEqualTo(
            printed.get("alloc_bytes") + printed.get("moved_bytes") + printed.get("map_bytes"));
    if (!mode.equals("mmap")) { // where a hole is no free yet
      assertThat(totals.get("frees").asLong())
          .describedAs(mode)
          .isEqualTo(printed.get("free") + printed.get("moved") + printed.get("released"));
    }
    assertThat(totals.get("outstandingCount").asLong())
        .describedAs(mode)
        .isEqualTo(made - totals.get("frees").asLong());
    if (OUTSTANDING.get(mode) != null) {
      assertThat(totals.get("outstandingBytes").asLong())
          .describedAs(mode)
          .isEqualTo(OUTSTANDING.get(mode));
    }
    assertThat(totals.get("certainBytes")).isEqualTo(totals.get("outstandingBytes"));
    assertThat(totals.get("lostEvents").asLong()).describedAs(mode).isZero();
    assertThat(report.at("/at/final").asBoolean()).describedAs(mode).isTrue();
    long inStacks = 0;
    for (JsonNode stack : report.get("stacks")) {
      inStacks += stack.get("outstandingBytes").asLong();
      assertThat(names(stack)).describedAs(mode).contains(where(mode));
    }
    assertThat(inStacks).describedAs(mode).isEqualTo(totals.get("outstandingBytes").asLong());
  }

  /** A function that every allocation of a mode comes from. */
  private static String where(String mode) {
    return mode.equals("threads") ? "worker" : "mode_" + mode;
  }

  private static List<String> names(JsonNode stack) {
    List<String> names = new ArrayList<>();
    stack.get("frames").forEach(f -> names.add(f.get("symbol").asText()));
    return names;
  }

  @Test
  void shouldCountEveryLossAndClaimNothingUncertainWhenTheBufferIsTiny() throws Exception {
    String file = directory.resolve("storm.capture").toString();
    try (WaitingWorkload storm = new WaitingWorkload("storm")) {
      InThread record =
          new InThread(
              "record", "-p", Integer.toString(storm.tgid()), "-o", file, "--buffer", "4096");
      storm.go();
      Map<String, Long> printed = storm.expected();
      CommandRun run = record.result();
      assertThat(run.exitCode()).describedAs(run.err()).isZero();

      JsonNode totals =
          KernelHost.reports("report", file, "--format", "json").getFirst().get("totals");
      long lost = totals.get("lostEvents").asLong();
      assertThat(lost).isPositive();
      assertThat(run.err()).contains(lost + " of");
      long received =
          totals.get("allocations").asLong()
              + totals.get("frees").asLong()
              + totals.get("unmatchedFrees").asLong();
      assertThat(received).isPositive();
      assertThat(received + lost).isEqualTo(printed.get("alloc") + printed.get("free"));
      long truth = 0;
      for (int i = 0; i < 50021; i += 7) {
        truth += 16 + i % 89;
      }
      assertThat(totals.get("certainBytes").asLong()).isLessThanOrEqualTo(truth);
    }
  }

  @Test
  void shouldRecordTheKernelAndNameItsFunctions() throws Exception {
    String file = directory.resolve("kernel.capture").toString();
    InThread record = new InThread("record", "--kernel", "--duration", "2s", "-o", file);
    // In a process of its own: what the kernel allocates for the recorder is left out.
    String copying = "while :; do head -c 8192 /dev/zero >f; rm f; done";
    Process load =
        new ProcessBuilder("sh", "-c", copying).directory(directory.toFile()).inheritIO().start();
    try {
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
    } finally {
      load.destroyForcibly().waitFor();
    }

    JsonNode report = KernelHost.reports("report", file, "--format", "json").getFirst();
    assertThat(report.at("/process/tgid").asInt()).isZero();
    assertThat(report.at("/totals/allocations").asLong()).isGreaterThan(1000);
    assertThat(report.at("/totals/outstandingBytes").isNull()).isTrue();
    assertThat(report.at("/totals/bySpace/slab/outstandingCount").asLong()).isPositive();
    assertThat(report.at("/stacks/0/frames/0/symbol").asText()).isNotEmpty();
    assertThat(report.at("/stacks/0/frames/0/module").asText()).startsWith("[");
  }

  @Test
  void shouldSayInOneLineWhatIsWrongWhenNothingCanBeRecorded() throws Exception {
    String file = directory.resolve("none.capture").toString();
    expect(1, "unfreed: no process 2147483647", "record", "-p", "2147483647", "-o", file);
    assertThat(Path.of(file)).doesNotExist();
    expect(127, "unfreed: no-such: command not found", "record", "-o", file, "--", "no-such");
    assertThat(Path.of(file)).doesNotExist();
    Path there = Files.writeString(directory.resolve("there"), "precious");
    expect(
        1,
        "unfreed: " + there + ": not overwritten: it exists",
        "record",
        "-o",
        there.toString(),
        "--kernel");
    assertThat(there).hasContent("precious");
    try (WaitingWorkload bare = new WaitingWorkload("malloc")) {
      CommandRun run =
          CommandRun.of(
              "record", "-p", Integer.toString(bare.tgid()), "--object", "/no/such.so", "-o", file);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.errLines()).hasSize(1);
      assertThat(run.err()).contains("nothing to probe");
    }
  }

  private static void expect(int exitCode, String line, String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).startsWith(line);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }
}
