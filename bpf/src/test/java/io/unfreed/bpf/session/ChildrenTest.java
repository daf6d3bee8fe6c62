package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Children from their first allocation, against what they say they did. */
@Tag("kernel")
class ChildrenTest {
  private static final LiveSessionConfig FOLLOWING =
      LiveSessionConfig.defaults().withFollowChildren(true);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
    CompiledC.skipUnless(SharedProbing.isPossible(), "this kernel cannot let children inherit");
  }

  @ParameterizedTest
  @CsvSource({
    "fork,20",
    "fork,100",
    "fork,300",
    "exec,20",
    "exec,100",
    "exec,300",
    "spawn,20",
    "spawn,100",
    "spawn,300"
  })
  void shouldSeeEveryCallOfEveryChildWhenTheyLiveShortly(String way, String milliseconds)
      throws Exception {
    Path did = directory.resolve("did");
    Recorded recorded = run(FOLLOWING, family("family"), way, milliseconds, "9", did.toString());

    assertThat(recorded.status).isEqualTo(7);
    assertThat(Files.readAllLines(did)).hasSize(9);
    for (String line : Files.readAllLines(did)) {
      int child = Integer.parseInt(line.split(" ")[1]);
      Map<String, Long> truth = Tally.empty();
      truth.putAll(Workload.numbers(line));
      assertThat(recorded.tally.of(child)).describedAs(line).isEqualTo(truth);
      assertThat(recorded.coverage.get(child)).isEqualTo(Coverage.whole(child));
      if (!way.equals("fork")) {
        assertThat(recorded.tally.commands.get(child))
            .isEqualTo(family("family") + " work " + milliseconds + " " + did);
      }
    }
    assertThat(recorded.counters.lost()).describedAs("%s", recorded.counters).isZero();
  }

  @Test
  void shouldSeeAStaticProgramFromItsSecondRunAndSaySoOfTheFirst() throws Exception {
    Path did = directory.resolve("did");
    String work = "%s work %d %s; ";
    String first5s = work.formatted(family("family_static"), 5000, did);
    String then = work.formatted(family("family_static"), 300, did);
    Recorded recorded = run(FOLLOWING, "sh", "-c", first5s + then + "true");

    List<String> lines = Files.readAllLines(did);
    int first = Integer.parseInt(lines.getFirst().split(" ")[1]);
    int second = Integer.parseInt(lines.getLast().split(" ")[1]);
    Map<String, Long> truth = Tally.empty();
    truth.putAll(Workload.numbers(lines.getLast()));
    // A static program's libc takes a few blocks at its start, before main, and keeps them.
    assertThat(recorded.tally.of(second).get("free")).isEqualTo(truth.get("free"));
    assertThat(recorded.tally.of(second).get("alloc"))
        .isBetween(truth.get("alloc"), truth.get("alloc") + 20);
    assertThat(recorded.coverage.get(second)).isEqualTo(Coverage.whole(second));
    assertThat(recorded.coverage.get(first).sinceNanos().orElse(1)).isPositive();
    assertThat(recorded.coverage.get(first).reason()).isPresent();
  }

  @Test
  void shouldSeeTheAllocatorThatEnvPreloadsForTheCommand() throws Exception {
    Path allocator = Path.of("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4");
    CompiledC.skipUnless(Files.exists(allocator), allocator + " is not installed");
    String source =
        """
        #include <stdlib.h>
        int main(void) {
          for (int i = 0; i < 501; i++) if (!malloc(1237)) return 1;
          return 0;
        }
        """;
    Path leak = CompiledC.compile(directory, "leak.c", source, "-O0");
    // Not following: it is one process that execs twice.
    Recorded recorded =
        run(LiveSessionConfig.defaults(), "env", "LD_PRELOAD=" + allocator, leak.toString());

    assertThat(recorded.status).isZero();
    assertThat(recorded.sizes.get(1237L)).describedAs("%s", recorded).isEqualTo(501);
    assertThat(recorded.coverage.get(recorded.tgid)).isEqualTo(Coverage.whole(recorded.tgid));
  }

  @Test
  void shouldSeeTheAllocationsThatValgrindCountsInEachOfAHundredCommands() throws Exception {
    CompiledC.assumeTool("git");
    CompiledC.assumeTool("valgrind");
    long truth = allocationsByValgrind("git", "--version");
    String script = "i=0; while [ $i -lt 100 ]; do git --version >/dev/null; i=$((i+1)); done";
    Recorded recorded = run(FOLLOWING, "sh", "-c", script);

    List<Integer> commands = recorded.processes(line -> line.equals("git --version"));
    assertThat(commands).hasSize(100);
    for (int tgid : commands) {
      // For valgrind a realloc is a free and an allocation.
      Map<String, Long> numbers = recorded.tally.of(tgid);
      assertThat(numbers.get("alloc") + numbers.get("moved")).isEqualTo(truth);
      assertThat(recorded.coverage.get(tgid)).isEqualTo(Coverage.whole(tgid));
    }
    assertThat(recorded.counters.lost()).describedAs("%s", recorded.counters).isZero();
  }

  @Test
  void shouldSeeEveryProcessOfAParallelMake() throws Exception {
    CompiledC.assumeTool("make");
    CompiledC.assumeTool("gcc");
    makefile(directory, 60);
    Recorded recorded = run(FOLLOWING, "make", "-s", "-j2", "-C", directory.toString());

    assertThat(recorded.status).isZero();
    List<Integer> compilers = recorded.processes(line -> line.contains("/cc1 "));
    assertThat(compilers).hasSize(60);
    assertThat(recorded.processes(line -> line.startsWith("as "))).hasSize(60);
    for (int tgid : recorded.tally.commands.keySet()) {
      assertThat(recorded.coverage.get(tgid))
          .describedAs(recorded.tally.commands.get(tgid))
          .isEqualTo(Coverage.whole(tgid));
      assertThat(recorded.tally.of(tgid).get("alloc")).isPositive();
    }
    // The same text 60 times; only the names of temporary files differ.
    List<Long> taken = compilers.stream().map(t -> recorded.tally.of(t).get("alloc")).toList();
    assertThat(Collections.max(taken) - Collections.min(taken)).isLessThan(10);
    assertThat(Collections.min(taken)).isGreaterThan(1000);
    assertThat(recorded.counters.lost()).describedAs("%s", recorded.counters).isZero();
  }

  @Test
  void shouldLeaveTracersAndTheirTracedAlone() throws Exception {
    CompiledC.assumeTool("strace");
    Path did = directory.resolve("did");
    Recorded recorded =
        run(
            FOLLOWING,
            "strace",
            "-f",
            "-o",
            directory.resolve("trace").toString(),
            family("family"),
            "exec",
            "20",
            "3",
            did.toString());

    assertThat(recorded.status).isEqualTo(7);
    assertThat(Files.readString(directory.resolve("trace"))).doesNotContain("SIGSTOP", "SIGTRAP");
    assertThat(Files.readAllLines(did)).hasSize(3);
    for (String line : Files.readAllLines(did)) {
      int child = Integer.parseInt(line.split(" ")[1]);
      assertThat(recorded.tally.of(child).get("alloc"))
          .isEqualTo(Workload.numbers(line).get("alloc"));
    }
  }

  @Test
  void shouldLetEverybodyGoOnAndSaySoWhenTheRecorderDoesNotAnswer() throws Exception {
    Path did = directory.resolve("did");
    Recorded recorded = new Recorded();
    try (LiveSession session = LiveSession.open(FOLLOWING)) {
      recorded.session = session;
      LaunchedCommand launched =
          session.launch(List.of(family("family"), "exec", "20", "3", did.toString()));
      launched.release();
      assertThat(launched.waitFor()).isEqualTo(7); // nobody polls meanwhile
      KernelTests.drain(session, recorded);
      Coverage coverage = recorded.coverage.get(launched.tgid());
      assertThat(coverage.sinceNanos().orElseThrow()).isPositive();
      assertThat(coverage.reason()).hasValue("its new libraries had no probes in time");
    }
    assertThat(Files.readAllLines(did)).hasSize(3);
  }

  /** Small C files and the rules to compile them. */
  static void makefile(Path directory, int files) throws IOException {
    for (int i = 10; i < 10 + files; i++) {
      Files.writeString(directory.resolve("f" + i + ".c"), "int f(int x) { return x + 1; }\n");
    }
    Files.writeString(
        directory.resolve("Makefile"),
        "all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\tgcc -O0 -c -o $@ $<\n");
  }

  private long allocationsByValgrind(String... command) throws Exception {
    Path log = directory.resolve("valgrind");
    List<String> words = new ArrayList<>(List.of("valgrind", "--log-file=" + log));
    words.addAll(List.of(command));
    CompiledC.run(directory, words.toArray(String[]::new));
    Matcher usage =
        Pattern.compile("total heap usage: ([0-9,]+) allocs").matcher(Files.readString(log));
    assertThat(usage.find()).isTrue();
    return Long.parseLong(usage.group(1).replace(",", ""));
  }

  private String family(String program) throws IOException {
    return Workload.directory().resolve(program).toString();
  }

  /** A command recorded from its start to the last exit among its processes. */
  private static Recorded run(LiveSessionConfig config, String... command) throws Exception {
    Recorded recorded = new Recorded();
    try (LiveSession session = LiveSession.open(config)) {
      LaunchedCommand launched = session.launch(List.of(command));
      recorded.tgid = launched.tgid();
      recorded.session = session;
      launched.release();
      KernelTests.pollUntil(
          session, recorded, () -> recorded.tally.exited.contains(launched.tgid()));
      recorded.status = launched.waitFor();
      session.detach();
      while (session.poll(recorded, 4096) > 0) {
        // until nothing is ready
      }
      recorded.counters = session.counters();
      recorded.late.addAll(session.takeLateReports());
    }
    return recorded;
  }

  private static final class Recorded extends Tally {
    private final Tally tally = this;
    private final Map<Integer, Coverage> coverage = new HashMap<>();
    private final Map<Long, Integer> sizes = new HashMap<>();
    private final List<AttachReport> late = new ArrayList<>();
    private CaptureCounters counters;
    private LiveSession session;
    private int tgid;
    private int status;

    @Override
    public String toString() {
      return life + " " + counters + " " + coverage + " " + late + " " + sizes;
    }

    private List<Integer> processes(Predicate<String> wanted) {
      return tally.commands.entrySet().stream()
          .filter(command -> wanted.test(command.getValue()))
          .map(Map.Entry::getKey)
          .toList();
    }

    @Override
    public void onEvent(EventCursor event) {
      super.onEvent(event);
      sizes.merge(event.sizeBytes(), 1, Integer::sum);
    }

    @Override
    public void onProcess(ProcessCursor process) {
      super.onProcess(process);
      if (process.kind() == ProcessCursor.EXIT) {
        Optional<Coverage> known = session.coverage(process.tgid());
        known.ifPresent(c -> coverage.put(process.tgid(), c));
      }
    }
  }
}
