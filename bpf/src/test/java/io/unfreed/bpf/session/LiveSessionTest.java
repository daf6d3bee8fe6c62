package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.bpf.session.CaptureCounters.Counter;
import io.unfreed.bpf.symbols.ObjectSymbolCache;
import io.unfreed.bpf.symbols.ProcessSymbols;
import io.unfreed.bpf.symbols.ResolvedFrame;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real kernel against the workloads' own printed numbers. */
@Tag("kernel")
class LiveSessionTest {
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
          "mmap",
          "mremap",
          "failing",
          "nested",
          "threads",
          "reuse",
          "fork",
          "vfork");

  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
  }

  @Test
  void shouldReceiveExactlyWhatEachWorkloadPrintsWhenAttachedToIt() throws Exception {
    expectWhatWorkloadsPrint(Attaching.best(LiveSessionConfig.defaults()), MODES);
  }

  @Test
  void shouldReceiveExactlyWhatEachWorkloadPrintsWhenProbesAreLinks() throws Exception {
    KernelTests.assumeLinks();
    // A link is of one process, and a vfork child is another in the same address space.
    List<String> modes = MODES.stream().filter(mode -> !mode.equals("vfork")).toList();
    expectWhatWorkloadsPrint(Attaching.TOGETHER, modes);
  }

  private static void expectWhatWorkloadsPrint(Attaching attaching, List<String> modes)
      throws Exception {
    Tally tally = new Tally();
    Map<String, Map<String, Long>> expected = new LinkedHashMap<>();
    Map<String, Map<String, Long>> actual = new LinkedHashMap<>();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults(), false, attaching)) {
      for (String mode : modes) {
        try (Workload workload = Workload.waiting(mode)) {
          AttachReport report = session.attach(workload.tgid());
          assertThat(report.notes()).isEmpty();
          workload.go();
          expected.put(mode, new TreeMap<>(workload.awaitNumbers("expect")));
          KernelTests.pollUntil(
              session,
              tally,
              () ->
                  List.of("threads", "reuse").contains(mode)
                      || tally.exited.contains(workload.tgid()));
          KernelTests.drain(session, tally);
          actual.put(mode, tally.of(workload.tgid()));
        }
      }
      session.detach();
      KernelTests.drain(session, tally);
      CaptureCounters counters = session.counters();

      assertThat(actual).isEqualTo(expected);
      assertThat(counters.lost()).describedAs("%s", counters).isZero();
      assertThat(counters.produced()).isEqualTo(tally.received);
      assertThat(counters.get(Counter.NESTED)).isPositive();
      assertThat(counters.get(Counter.STALE)).isZero();
      assertThat(tally.unresolved).isEmpty();
    }
  }

  @Test
  void shouldRecordACommandFromItsExecAndThroughItsNext() throws Exception {
    expectBothImages(Attaching.best(LiveSessionConfig.defaults()));
  }

  @Test
  void shouldRecordACommandFromItsExecAndThroughItsNextWhenProbesAreLinks() throws Exception {
    KernelTests.assumeLinks();
    expectBothImages(Attaching.TOGETHER);
  }

  private static void expectBothImages(Attaching attaching) throws Exception {
    Tally tally = new Tally();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults(), false, attaching)) {
      String program = Workload.directory().resolve("alloc").toString();
      LaunchedCommand command = session.launch(List.of(program, "exec", "--now"));
      assertThat(command.report().probed()).anyMatch(p -> p.startsWith("malloc"));
      command.release();
      KernelTests.pollUntil(session, tally, () -> tally.exited.contains(command.tgid()));
      assertThat(command.waitFor()).isZero();

      // What mode exec and, after its exec, mode malloc print.
      Map<String, Long> expected = Tally.empty();
      expected.put("alloc", 43L + 101);
      expected.put("alloc_bytes", 43L * 47 + 1313);
      expected.put("free", 53L);
      assertThat(tally.of(command.tgid())).isEqualTo(expected);
      assertThat(tally.life.stream().filter(("3 " + command.tgid())::equals)).hasSize(2);
      assertThat(session.counters().lost()).isZero();
    }
  }

  @Test
  void shouldGiveTheCommandsStatusAndNameAMissingOne() throws Exception {
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults())) {
      LaunchedCommand killed = session.launch(List.of("sh", "-c", "kill -TERM $$"));
      killed.release();
      assertThat(killed.waitFor()).isEqualTo(128 + 15);
      assertThatThrownBy(() -> session.launch(List.of("no-such-command")))
          .isInstanceOf(CommandNotFoundException.class)
          .hasMessage("no-such-command: command not found");
      assertThatThrownBy(() -> session.attach(Integer.MAX_VALUE))
          .isInstanceOf(NoSuchProcessException.class);
    }
  }

  @Test
  void shouldLoseNothingWhenDetachingFromABusyProcess() throws Exception {
    Tally tally = new Tally();
    String service = Workload.directory().resolve("stealth").toString();
    Process busy = new ProcessBuilder(service, "--interval-ms", "10", "--size", "4099").start();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults())) {
      int tgid = (int) busy.pid();
      assertThat(busy.inputReader().readLine()).startsWith("listening");
      session.attach(tgid);
      KernelTests.pollUntil(session, tally, () -> tally.of(tgid).get("alloc") > 1000);
      session.detach();
      KernelTests.drain(session, tally);
      CaptureCounters counters = session.counters();
      assertThat(counters.lost()).describedAs("%s", counters).isZero();
      assertThat(counters.produced()).isEqualTo(tally.received);
    } finally {
      busy.destroyForcibly();
    }
  }

  @Test
  void shouldCountWhatATinyBufferLosesAndMissNothingElse() throws Exception {
    Tally tally = new Tally();
    try (LiveSession session =
            LiveSession.open(LiveSessionConfig.defaults().withBufferBytes(4096));
        Workload workload = Workload.waiting("storm")) {
      session.attach(workload.tgid());
      workload.go();
      Map<String, Long> expected = workload.awaitNumbers("expect"); // nobody polls meanwhile
      session.detach();
      KernelTests.drain(session, tally);
      CaptureCounters counters = session.counters();

      assertThat(counters.produced()).isEqualTo(expected.get("alloc") + expected.get("free"));
      assertThat(tally.received + counters.lost()).isEqualTo(counters.produced());
      assertThat(counters.lost()).isPositive();
      assertThat(tally.received).isPositive();
    }
  }

  @Test
  void shouldNameTheFunctionThatAllocatesWhenTheCommandHasEndedAlready() throws Exception {
    Tally tally = new Tally();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults());
        ObjectSymbolCache cache = new ObjectSymbolCache()) {
      String program = Workload.directory().resolve("alloc").toString();
      LaunchedCommand command = session.launch(List.of(program, "malloc", "--now"));
      cache.hold(command.files());
      command.release();
      command.waitFor(); // only now is anything read
      KernelTests.drain(session, tally);

      ProcessSymbols symbols = ProcessSymbols.of(command.tgid(), cache);
      ResolvedFrame innermost = tally.frameOfAnAllocation(command.tgid(), 0, symbols);
      assertThat(innermost.module()).endsWith("/alloc");
      assertThat(innermost.buildId()).isNotEmpty();
      assertThat(innermost.names().getLast().symbol()).isEqualTo("mode_malloc");
      assertThat(innermost.names().getLast().file()).endsWith("heap.c");
      ResolvedFrame caller = tally.frameOfAnAllocation(command.tgid(), 2, symbols);
      assertThat(caller.names().getLast().symbol()).isEqualTo("main");
      ResolvedFrame libc = tally.frameOfAnAllocation(command.tgid(), 3, symbols);
      assertThat(libc.module()).contains("libc.so");
    }
  }
}
