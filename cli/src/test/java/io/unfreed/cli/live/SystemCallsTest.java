package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code record --syscalls}: what processes map, whose allocators have no name. */
@Tag("kernel")
class SystemCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PAGE = 4096;

  /** Nothing but its own calls: no libc. */
  private static final String CALLS =
      """
      #define PAGE 4096L
      static long call(long n, long a, long b, long c, long d)
      {
        register long r10 asm("r10") = d, r8 asm("r8") = -1, r9 asm("r9") = 0;
        long result;
        asm volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
        return result;
      }
      __attribute__((noinline)) static long map(long pages) { return call(9, 0, pages * PAGE, 3, 0x22); }
      __attribute__((noinline)) static void pieces(void)
      {
        for (int i = 0; i < 5; i++)
          call(11, map(3) + PAGE, PAGE, 0, 0); /* a hole */
      }
      __attribute__((noinline)) static void moves(void) { call(25, map(10), 10 * PAGE, 20 * PAGE, 1); }
      __attribute__((noinline)) static void heap(void)
      {
        long end = call(12, 0, 0, 0, 0);
        call(12, end + 5 * PAGE, 0, 0, 0);
        call(12, end + 2 * PAGE, 0, 0, 0);
      }
      __attribute__((noinline)) static void fails(void)
      {
        map(0);
        call(11, 1, PAGE, 0, 0);
        call(12, 1, 0, 0, 0);
      }
      __attribute__((force_align_arg_pointer)) void _start(void)
      {
        pieces();
        moves();
        heap();
        fails();
        call(60, 0, 0, 0, 0);
      }
      """;

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldCountPiecesMovesAndTheHeapWhenAStrippedStaticProgramCallsTheKernel() throws Exception {
    Path program = compile("calls", CALLS, "-nostdlib", "-static", "-s", "-O1");
    JsonNode report = record("--", program.toString());

    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    assertThat(report.at("/totals/allocations").asLong()).isEqualTo(5 + 1 + 1 + 1);
    assertThat(report.at("/totals/frees").asLong()).isEqualTo(1);
    assertThat(report.at("/totals/unmatchedFrees").asLong()).isZero();
    assertThat(report.at("/totals/outstandingCount").asLong()).isEqualTo(5 + 1 + 1);
    assertThat(report.at("/totals/outstandingBytes").asLong())
        .isEqualTo((5 * 2 + 20 + 2) * (long) PAGE);
    assertThat(report.at("/totals/allocatedBytes").asLong())
        .isEqualTo((5 * 3 + 10 + 20 + 5) * (long) PAGE);
    assertThat(report.at("/process/recordedFromNanos").asLong()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-fno-omit-frame-pointer", "-fomit-frame-pointer"})
  void shouldNameTheCallersWhenTheProgramHasNames(String frames) throws Exception {
    Path program = compile("calls", CALLS, "-nostdlib", "-static", "-O1", frames);
    JsonNode stack = record("--", program.toString()).at("/stacks/0");

    assertThat(stack.get("space").asText()).isEqualTo("mapping");
    assertThat(stack.get("outstandingBytes").asLong()).isEqualTo(20L * PAGE);
    assertThat(stack.findValuesAsText("symbol")).contains("_start");
  }

  @Test
  void shouldHaveWholeStacksOfAStaticProgramWithoutFramePointers() throws Exception {
    Path program = directory.resolve("mapper");
    String text =
        """
        #define _GNU_SOURCE
        #include <sys/mman.h>
        #include <stdlib.h>
        static volatile int rounds = 3;
        __attribute__((noinline)) static void *inner(void) { char *p = malloc(1 << 20); return p + 1; }
        __attribute__((noinline)) static void *middle(int n) { volatile char a[100]; a[n] = 1; return (char *)inner() + a[n]; }
        int main(void) { for (int i = 0; i < rounds; i++) if (!middle(i)) return 1; return 0; }
        """;
    Files.writeString(directory.resolve("mapper.c"), text);
    gcc(program, directory.resolve("mapper.c"), "-static", "-O2", "-fomit-frame-pointer");
    JsonNode leak = record("--", program.toString()).at("/stacks/0");

    assertThat(leak.get("outstandingCount").asLong()).isEqualTo(3);
    List<String> symbols = leak.get("frames").findValuesAsText("symbol");
    assertThat(symbols).containsSubsequence("inner", "middle", "main", "_start");
    assertThat(symbols).doesNotContain("(incomplete)");
  }

  @Test
  void shouldFindTheLeakOfTheServiceWhenItIsStaticAndStripped() throws Exception {
    Path source = Path.of("../replay-data/workloads/stealth.c").toAbsolutePath().normalize();
    Path service = directory.resolve("stealth");
    gcc(service, source, "-static", "-s", "-O1", "-pthread");
    Path ready = directory.resolve("ready");
    String file = directory.resolve("leak.capture").toString();
    Process busy =
        new ProcessBuilder(service.toString(), "--interval-ms", "20", "--size", "1048576").start();
    try {
      assertThat(busy.inputReader().readLine()).startsWith("listening");
      String pid = Long.toString(busy.pid());
      CommandRun bare = CommandRun.of("record", "--probe", "uprobe", "-p", pid, "-o", file);
      assertThat(bare.exitCode()).isEqualTo(1);
      assertThat(bare.err()).hasLineCount(1).contains("--syscalls records what it maps");

      InThread record =
          new InThread(
              "record",
              "--syscalls",
              "-p",
              pid,
              "-o",
              file,
              "--duration",
              "5s",
              "--ready",
              ready.toString());
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
    } finally {
      busy.destroyForcibly();
    }
    JsonNode report = KernelHost.reports("report", file, "--format", "json").getFirst();
    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    JsonNode leak = report.at("/stacks/0");
    assertThat(leak.get("outstandingCount").asLong()).isGreaterThan(10);
    assertThat(leak.get("outstandingBytes").asLong())
        .isEqualTo(leak.get("outstandingCount").asLong() * (1048576 + PAGE));
  }

  @Test
  void shouldCountWhatStraceCountsOnTheSameRun() throws Exception {
    KernelHost.assumeTool("strace");
    Path log = directory.resolve("strace");
    String program = KernelHost.program("alloc");
    String calls = "trace=mmap,munmap,mremap,brk";
    String file = directory.resolve("strace.capture").toString();
    List<String> command =
        List.of(
            "strace",
            "-f",
            "-o",
            log.toString(),
            "-e",
            calls,
            program,
            "malloc,mmap,mremap",
            "--now");
    recorded(file, List.of("--follow-children"), command);
    JsonNode report =
        KernelHost.reports("report", file, "--format", "json").stream()
            .filter(r -> r.at("/process/command").asText().startsWith(program))
            .findFirst()
            .orElseThrow();

    StraceLog counted = StraceLog.of(Files.readAllLines(log));
    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    assertThat(report.at("/totals/allocations").asLong()).isEqualTo(counted.allocations());
    assertThat(report.at("/totals/allocatedBytes").asLong()).isEqualTo(counted.bytes());
  }

  @Test
  void shouldRecordEveryProcessOfANameWhenItStartsWhileRecording() throws Exception {
    String name = "calls" + ProcessHandle.current().pid(); // of this run and nobody else
    Path program = compile(name, CALLS, "-nostdlib", "-static", "-O1");
    String file = directory.resolve("host.capture").toString();
    Path ready = directory.resolve("ready");
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record", "--syscalls", "--name", name, "-o", file, "--ready", ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      for (int i = 0; i < 3; i++) {
        assertThat(new ProcessBuilder(program.toString()).start().waitFor()).isZero();
      }
      assertThat(new ProcessBuilder("/bin/true").start().waitFor()).isZero();
      record.signal("INT");
      assertThat(record.await()).describedAs(record.err()).isZero();
    }

    List<JsonNode> reports = KernelHost.reports("report", file, "--format", "json");
    assertThat(reports).hasSize(3);
    for (JsonNode report : reports) {
      assertThat(report.at("/totals/allocations").asLong()).isEqualTo(8);
      assertThat(report.at("/process/command").asText()).isEqualTo(program.toString());
    }
  }

  @Test
  void shouldRecordEveryProcessOfAGroupWhenItStartsWhileRecording() throws Exception {
    KernelHost.assumeRoot();
    Path program = compile("calls", CALLS, "-nostdlib", "-static", "-O1");
    String file = directory.resolve("group.capture").toString();
    Path ready = directory.resolve("ready");
    try (ControlGroup group = ControlGroup.make("unfreed-record-test");
        UnfreedProcess record =
            new UnfreedProcess(
                "record",
                "--syscalls",
                "--cgroup",
                group.path(),
                "-o",
                file,
                "--ready",
                ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      group.run(List.of(program.toString()));
      assertThat(new ProcessBuilder(program.toString()).start().waitFor()).isZero();
      record.signal("INT");
      assertThat(record.await()).describedAs(record.err()).isZero();
    }
    List<JsonNode> reports =
        KernelHost.reports("report", file, "--format", "json").stream()
            .filter(r -> r.at("/process/command").asText().equals(program.toString()))
            .toList();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().at("/totals/allocations").asLong()).isEqualTo(8);
  }

  @Test
  void shouldRecordAJvmAndAGoProgram() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    JsonNode jvm = record("--", java, "-Xmx64m", "-version");
    assertThat(jvm.at("/totals/lostEvents").asLong()).isZero();
    assertThat(jvm.at("/totals/allocations").asLong()).isGreaterThan(100);

    KernelHost.assumeTool("go");
    Path source = directory.resolve("leak.go");
    Files.writeString(
        source,
        """
        package main
        var kept [][]byte
        func leak() { kept = append(kept, make([]byte, 64<<20)) }
        func main() { for i := 0; i < 20; i++ { leak() } }
        """);
    Path program = directory.resolve("leak");
    ProcessBuilder build = new ProcessBuilder("go", "build", "-o", program.toString(), "leak.go");
    build.directory(directory.toFile()).inheritIO();
    build.environment().put("GOCACHE", directory.resolve("cache").toString());
    build.environment().put("GOFLAGS", "-mod=mod");
    build.environment().put("GO111MODULE", "off");
    assertThat(build.start().waitFor()).isZero();
    JsonNode go = record("--force", "--", program.toString());
    assertThat(go.at("/totals/lostEvents").asLong()).isZero();
    assertThat(go.at("/totals/outstandingBytes").asLong()).isGreaterThan(20 * (64L << 20));
    assertThat(go.findValuesAsText("symbol")).contains("main.main", "runtime.makeslice");
  }

  /** Says "held" when the kernel says of its mapping what it did to it, and waits. */
  private static final String TOUCHES =
      """
      #define _DEFAULT_SOURCE
      #include <sys/mman.h>
      #include <unistd.h>
      #define PAGE 4096L
      #define MAPPED (16384 * PAGE)
      static volatile char *base;
      static unsigned char resident[16384] __attribute__((aligned(4096)));
      #define TOUCH(name, from, pages) \\
        __attribute__((noipa)) static void name(void) \\
        { \\
          for (long i = 0; i < pages; i++) base[(from + i) * PAGE] = 1; \\
        }
      TOUCH(touch_a, 0, 2560)
      TOUCH(touch_b, 5000, 768)
      TOUCH(touch_c, 9000, 100)
      __attribute__((noipa)) static int are_there(long wanted)
      {
        long found = 0;
        if (mincore((void *)base, MAPPED, resident)) return 0;
        for (int i = 0; i < 16384; i++) found += resident[i] & 1;
        return found == wanted;
      }
      int main(void)
      {
        char go;
        write(1, "ready\\n", 6);
        if (read(0, &go, 1) != 1) return 6;
        base = mmap(0, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        madvise((void *)base, MAPPED, MADV_NOHUGEPAGE);
        touch_a();
        touch_b();
        touch_b();
        if (!are_there(2560 + 768)) return 7;
        touch_c();
        madvise((void *)(base + 9000 * PAGE), 60 * PAGE, MADV_DONTNEED);
        touch_c();
        if (!are_there(2560 + 768 + 100)) return 8;
        munmap((void *)base, 2048 * PAGE);
        write(1, "held\\n", 5);
        return read(0, &go, 1) != 1;
      }
      """;

  @Test
  void shouldTellWhichStacksMadePagesResident() throws Exception {
    JsonNode report = recordTouches("1");

    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    assertPages(report, "touch_a", 2560, 2048, 512);
    assertPages(report, "touch_b", 768, 0, 768);
    assertPages(report, "touch_c", 160, 60, 100);
    JsonNode page = report.at("/totals/bySpace/page");
    assertThat(page.get("outstandingBytes").asLong())
        .isEqualTo(page.get("outstandingCount").asLong() * PAGE)
        .isGreaterThan((512 + 768 + 100L) * PAGE);
    assertThat(report.at("/totals/bySpace/mapping/outstandingBytes").asLong())
        .isGreaterThanOrEqualTo((16384 - 2048L) * PAGE);
    assertThat(report.at("/totals/outstandingBytes").isNull()).isTrue();
    assertThat(report.at("/totals/peakBytes").isNull()).isTrue();
  }

  @Test
  void shouldTellOfEveryNthPageFaultWhenSampled() throws Exception {
    JsonNode report = recordTouches("16");

    // Without a recorded mmap before, the stack of the thread's first fault may not be whole.
    assertThat(pagesOf(report, "touch_a", "allocations")).isBetween(2560 / 16 - 1L, 2560 / 16L);
    assertThat(pagesOf(report, "touch_a", "frees")).isBetween(2048 / 16 - 1L, 2048 / 16L);
    assertThat(pagesOf(report, "touch_a", "outstandingBytes")).isEqualTo(512 / 16 * PAGE);
  }

  private JsonNode recordTouches(String every) throws Exception {
    Path program = compile("touches", TOUCHES, "-O1", "-Wno-unused-result");
    Path ready = directory.resolve("ready");
    String file = directory.resolve("touches.capture").toString();
    Process target = new ProcessBuilder(program.toString()).start();
    List<String> arguments = new ArrayList<>(List.of("record", "--syscalls", "--page-faults"));
    arguments.addAll(List.of("--sample-rate", every, "-p", Long.toString(target.pid())));
    arguments.addAll(List.of("-o", file, "--ready", ready.toString()));
    try {
      assertThat(target.inputReader().readLine()).isEqualTo("ready");
      try (UnfreedProcess record = new UnfreedProcess(arguments.toArray(String[]::new))) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        target.outputWriter().write("g");
        target.outputWriter().flush();
        assertThat(target.inputReader().readLine()).isEqualTo("held");
        record.signal("INT");
        assertThat(record.await()).describedAs(record.err()).isZero();
      }
    } finally {
      target.destroyForcibly();
    }
    return KernelHost.reports("report", file, "--format", "json", "--top", "0").getFirst();
  }

  private static void assertPages(
      JsonNode report, String function, long came, long went, long stay) {
    assertThat(pagesOf(report, function, "allocations")).isEqualTo(came);
    assertThat(pagesOf(report, function, "frees")).isEqualTo(went);
    assertThat(pagesOf(report, function, "outstandingBytes")).isEqualTo(stay * PAGE);
  }

  /** Added up over the whole stacks whose innermost function is named. */
  private static long pagesOf(JsonNode report, String function, String number) {
    long sum = 0;
    for (JsonNode stack : report.get("stacks")) {
      List<String> symbols = stack.get("frames").findValuesAsText("symbol");
      if (stack.get("space").asText().equals("page") && symbols.getFirst().equals(function)) {
        assertThat(symbols).contains("main").doesNotContain("(incomplete)");
        sum += stack.get(number).asLong();
      }
    }
    return sum;
  }

  @Test
  void shouldRefuseWhatDoesNotGoTogether() {
    expectUsage("--page-faults goes with --syscalls", "--page-faults", "-p", "1");
    expectUsage(
        "--page-faults needs mappings of every size",
        "--syscalls",
        "--page-faults",
        "--min-size",
        "4k",
        "-p",
        "1");
    expectUsage("--cgroup and --name go with --syscalls", "--name", "x");
    expectUsage("--syscalls records processes, not the kernel", "--syscalls", "--kernel");
    expectUsage("record what? Give one of -p PID, -- CMD, or --cgroup and --name", "--syscalls");
    expectUsage("--cgroup /no/such: no control group", "--syscalls", "--cgroup", "/no/such");
    expectUsage("--syscalls goes with probes only", "--syscalls", "--probe", "shim", "-p", "1");
  }

  private void expectUsage(String line, String... options) {
    List<String> arguments = new ArrayList<>(List.of("record", "-o", directory + "/none.capture"));
    arguments.addAll(List.of(options));
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).describedAs(run.err()).isEqualTo(2);
    assertThat(run.err()).startsWith("unfreed: " + line).hasLineCount(1);
  }

  /** The report of the one process that a recording is about. */
  private JsonNode record(String... rest) throws Exception {
    String file = directory.resolve("calls.capture").toString();
    int dashes = Arrays.asList(rest).indexOf("--");
    List<String> options = Arrays.asList(rest).subList(0, dashes);
    recorded(file, options, Arrays.asList(rest).subList(dashes + 1, rest.length));
    return KernelHost.reports("report", file, "--format", "json", "--top", "0").getFirst();
  }

  /** In a process of its own: the command writes to its stdout and stderr. */
  private static void recorded(String file, List<String> options, List<String> command)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("record", "--syscalls", "-o", file));
    arguments.addAll(options);
    arguments.add("--");
    arguments.addAll(command);
    try (UnfreedProcess run = new UnfreedProcess(arguments.toArray(String[]::new))) {
      assertThat(run.await()).describedAs(run.err()).isZero();
    }
  }

  private Path compile(String name, String text, String... options) throws Exception {
    Path source = Files.writeString(directory.resolve(name + ".c"), text);
    Path program = directory.resolve(name);
    gcc(program, source, options);
    return program;
  }

  private static void gcc(Path program, Path source, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("gcc", "-o", program.toString()));
    command.addAll(List.of(options));
    command.add(source.toString());
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("gcc failed");
    }
  }
}
