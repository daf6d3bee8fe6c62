package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.session.CaptureCounters.Counter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes while recording: new objects, children, calls that never return; and filters. */
@Tag("kernel")
class FollowUpTest {
  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
  }

  @Test
  void shouldProbeAnObjectThatIsMappedWhileRecording() throws Exception {
    Tally tally = new Tally();
    LiveSessionConfig config = LiveSessionConfig.defaults().withObjects(List.of(), "own_");
    try (LiveSession session = LiveSession.open(config);
        Workload workload = Workload.waiting("dlopen")) {
      session.attach(workload.tgid());
      workload.go();
      workload.awaitLine("mapped");
      List<AttachReport> late = new ArrayList<>();
      KernelTests.pollUntil(session, tally, () -> late.addAll(session.takeLateReports()));
      assertThat(late.getFirst().probed()).anyMatch(p -> p.startsWith("own_malloc ["));
      workload.go();
      Map<String, Long> expected = new TreeMap<>(workload.awaitNumbers("expect"));
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(workload.tgid()));

      Map<String, Long> heap = new TreeMap<>(tally.of(workload.tgid()));
      assertThat(heap).isEqualTo(expected);
      assertThat(session.counters().lost()).isZero();
    }
  }

  /** Mappings at the end of a look that takes its time. */
  private static final class SlowLook extends Tally {
    final List<String> mapped = new ArrayList<>();

    @Override
    public void onProcess(ProcessCursor process) {
      super.onProcess(process);
      if (process.kind() == ProcessCursor.HELD) {
        try {
          Thread.sleep(500); // longer than probing takes
          mapped.add(Files.readString(Path.of("/proc/" + process.tgid() + "/maps")));
        } catch (IOException | InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @Test
  void shouldHoldAProcessUntilItsNewObjectWasLookedAt(@TempDir Path directory) throws Exception {
    CompiledC.skipUnless(SharedProbing.isPossible(), "this kernel cannot hold a process");
    Path library =
        CompiledC.compile(directory, "brief.c", "int brief = 7;", "-shared", "-fPIC", "-O0");
    String source =
        """
        #include <dlfcn.h>
        #include <stdio.h>
        int main(int argc, char **argv)
        {
          puts("ready");
          fflush(stdout);
          getchar();
          return argc < 2 || dlclose(dlopen(argv[1], RTLD_NOW));
        }
        """;
    Path program = CompiledC.compile(directory, "opener.c", source, "-O0");
    SlowLook look = new SlowLook();
    Process process = new ProcessBuilder(program.toString(), library.toString()).start();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults())) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      session.attach((int) process.pid());
      process.outputWriter().write("go\n");
      process.outputWriter().flush();
      KernelTests.pollUntil(session, look, () -> look.exited.contains((int) process.pid()));
      assertThat(look.mapped).isNotEmpty();
      assertThat(look.mapped.getLast()).contains(library.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void shouldRecordAChildWhenEveryProcessHasProbesOfItsOwn() throws Exception {
    Tally tally = new Tally();
    LiveSessionConfig config = LiveSessionConfig.defaults().withFollowChildren(true);
    try (LiveSession session = LiveSession.open(config, false, Attaching.SINGLY);
        Workload workload = Workload.waiting("fork_wait")) {
      session.attach(workload.tgid());
      workload.go();
      int child = Integer.parseInt(workload.awaitLine("child").substring(6));
      List<AttachReport> late = new ArrayList<>();
      KernelTests.pollUntil(session, tally, () -> late.addAll(session.takeLateReports()));
      assertThat(late.getFirst().tgid()).isEqualTo(child);
      Coverage coverage = session.coverage(child).orElseThrow();
      assertThat(coverage.sinceNanos().orElseThrow()).isPositive();
      assertThat(coverage.reason()).hasValue("its probes came in while it ran");
      workload.go();
      Map<String, Long> expected = new TreeMap<>(workload.awaitNumbers("expect"));
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(child));

      assertThat(tally.of(child)).isEqualTo(expected);
      assertThat(tally.of(workload.tgid())).isEqualTo(Tally.empty());
    }
  }

  @Test
  void shouldProbeAnewWhenAThreadThatIsNotTheFirstExecs() throws Exception {
    Tally tally = new Tally();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults());
        Workload workload = Workload.waiting("thread_exec")) {
      session.attach(workload.tgid());
      workload.go();
      workload.awaitLine("ready");
      List<AttachReport> late = new ArrayList<>();
      KernelTests.pollUntil(session, tally, () -> late.addAll(session.takeLateReports()));
      Map<String, Long> before = new TreeMap<>(tally.of(workload.tgid()));
      workload.go();
      Map<String, Long> expected = workload.awaitNumbers("expect");
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(workload.tgid()));

      Map<String, Long> after = new TreeMap<>(tally.of(workload.tgid()));
      after.replaceAll((word, number) -> number - before.get(word));
      assertThat(after).isEqualTo(expected);
    }
  }

  @Test
  void shouldRecogniseACallThatWasLeftByLongjmp() throws Exception {
    Tally tally = new Tally();
    List<Path> only = List.of(Workload.directory().resolve("alloc"));
    LiveSessionConfig config = LiveSessionConfig.defaults().withObjects(only, "jump_");
    try (LiveSession session = LiveSession.open(config);
        Workload workload = Workload.waiting("longjmp")) {
      session.attach(workload.tgid());
      workload.go();
      Map<String, Long> expected = new TreeMap<>(workload.awaitNumbers("expect"));
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(workload.tgid()));

      assertThat(tally.of(workload.tgid())).isEqualTo(expected);
      assertThat(session.counters().get(Counter.STALE)).isEqualTo(23);
      assertThat(session.counters().lost()).isZero();
    }
  }

  @Test
  void shouldRecordOnlyPassingSizesAndTheirFrees() throws Exception {
    Tally tally = storm(LiveSessionConfig.defaults().withFilters(50, 59, 1));
    // mode_storm: block i has 16 + i % 89 bytes and is freed unless i is a multiple of 7.
    long blocks = 0;
    long freed = 0;
    for (int i = 0; i < 50021; i++) {
      long size = 16 + i % 89;
      if (size >= 50 && size <= 59) {
        blocks++;
        freed += i % 7 == 0 ? 0 : 1;
      }
    }
    Map<String, Long> numbers = tally.of(stormTgid);
    assertThat(numbers.get("alloc")).isEqualTo(blocks);
    assertThat(numbers.get("free")).isEqualTo(freed);
  }

  @Test
  void shouldRecordEveryTenthCallAndItsFreeWhenSampling() throws Exception {
    Tally tally = storm(LiveSessionConfig.defaults().withFilters(0, Long.MAX_VALUE, 10));
    long freed = 0;
    for (int i = 9; i < 50021; i += 10) {
      freed += i % 7 == 0 ? 0 : 1;
    }
    assertThat(tally.of(stormTgid).get("alloc")).isEqualTo(5002);
    assertThat(tally.of(stormTgid).get("free")).isEqualTo(freed);
  }

  @Test
  void shouldCountAFullMapOfLiveBlocksAsLoss() throws Exception {
    LiveSessionConfig config =
        LiveSessionConfig.defaults().withFilters(1, Long.MAX_VALUE, 1).withMaxLiveBlocks(1009);
    Tally tally = storm(config);
    assertThat(stormCounters.get(Counter.LIVE_MAP_FULL)).isPositive();
    assertThat(stormCounters.produced()).isEqualTo(tally.received + stormCounters.lost());
    // Every call was an allocation decided on; frees of blocks not remembered are no events.
    assertThat(tally.of(stormTgid).get("alloc") + stormCounters.lost()).isEqualTo(50021);
  }

  private int stormTgid;
  private CaptureCounters stormCounters;

  private Tally storm(LiveSessionConfig config) throws Exception {
    Tally tally = new Tally();
    try (LiveSession session = LiveSession.open(config);
        Workload workload = Workload.waiting("storm")) {
      session.attach(workload.tgid());
      workload.go();
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(workload.tgid()));
      stormTgid = workload.tgid();
      stormCounters = session.counters();
    }
    return tally;
  }
}
