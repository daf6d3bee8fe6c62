package io.unfreed.shim.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.unfreed.shim.CompiledC;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One line for each case in which nothing can, or may, be done. */
final class RefusedInjectionTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Its child ends behind the exec: the shell might still wait for it. */
  private static final String CHILD_OF_A_SLEEPER =
      "(until read name </proc/$$/comm && [ $name = sleep ]; do :; done) & echo ready; exec sleep 1000";

  private static final InjectionConfig IMPATIENT =
      new InjectionConfig(Duration.ofSeconds(1), Duration.ofSeconds(2), false);

  @ParameterizedTest
  @CsvSource({
    "futex, no thread came to a safe place within 1 s",
    "handler, the threads that slept did so in signal handlers",
    "seccomp, it runs under seccomp",
    "seccomp-thread, a thread of it runs under seccomp"
  })
  void shouldSayWhyWhenTheTargetIsBusyWith(String mode, String reason) throws Exception {
    try (Target target = Target.begin(mode)) {
      assertThat(refusal(target.tgid())).contains("(inject_target): ").contains(reason);
      target.assertUnharmed();
    }
  }

  /** To load one there would wait for the constructor, and this for the borrowed thread. */
  @Test
  void shouldNotAttachWhileAThreadWaitsInTheConstructorOfALibraryForAnother() throws Exception {
    Path library =
        CompiledC.compile(
            "inject_constructor.so", List.of("inject_constructor.c"), "-shared", "-fPIC");
    List<String> command = List.of(Target.locks().toString(), library.toString());
    try (Target target = Target.begin(command, Map.of())) {
      assertThat(refusal(target.tgid()))
          .contains("a thread was in the dynamic loader all the time within 1 s");
      target.signal("USR1");
      assertThat(target.says()).isEqualTo("loaded");
      Target.Counts counts = new Target.Counts();
      Injection.into(target.tgid(), Target.library(), counts, IMPATIENT).detach();
      assertThat(counts.detached()).isEqualTo(1);
      target.assertUnharmed();
    }
  }

  @Test
  void shouldNotAttachToAThreadThatWaitsInAnAllocator() throws Exception {
    Path allocator =
        CompiledC.compile(
            "inject_allocator.so", List.of("inject_allocator.c"), "-shared", "-fPIC", "-pthread");
    List<String> command = List.of("env", "LD_PRELOAD=" + allocator, Target.locks().toString());
    try (Target target = Target.begin(command, Map.of())) {
      assertThat(refusal(target.tgid())).contains("no thread came to a safe place within 1 s");
      target.assertUnharmed();
    }
  }

  @Test
  void shouldNotDetachWhenEveryThreadHasTakenOnAFilter() throws Exception {
    try (Target target = Target.begin("seccomp-later-alone")) {
      Injection injection =
          Injection.into(target.tgid(), Target.library(), new Target.Counts(), IMPATIENT);
      target.signal("USR1");
      assertThat(target.says()).isEqualTo("filtered");
      InjectionRefusedException refused =
          catchThrowableOfType(InjectionRefusedException.class, injection::detach);
      assertThat(refused).hasMessageContaining("it runs under seccomp");
      target.assertUnharmed();
    }
  }

  @Test
  void shouldSayWhyWhenThereIsNoSuchProcessOrItIsOurs() throws Exception {
    assertThat(refusal(0x3fffff)).contains("there is no such process");
    assertThat(refusal((int) ProcessHandle.current().pid())).contains("it is this process itself");
  }

  @Test
  void shouldSayWhyWhenItIsOurChild() throws Exception {
    Process child = new ProcessBuilder("sleep", "1000").start();
    try {
      assertThat(refusal((int) child.pid())).contains("it is a child of this process");
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void shouldSayWhyWhenTheProgramIsStatic() throws Exception {
    Path program =
        CompiledC.compile("inject_static", List.of("inject_target.c"), "-static", "-pthread");
    try (Target target = Target.begin(List.of(program.toString(), "sleep"), Map.of())) {
      assertThat(refusal(target.tgid())).contains("statically linked");
    }
  }

  @Test
  void shouldSayWhyWhenItIsTraced() throws Exception {
    try (Target target = Target.begin("sleep")) {
      Tracee tracee = Tracee.seize(target.tgid());
      assertThat(refusal(target.tgid())).contains("it is traced by process");
      assertThat(tracee.stop()).isTrue();
      tracee.detach(0);
      tracee.close();
      target.assertUnharmed();
    }
  }

  @Test
  void shouldSayWhyWhenItIsStopped() throws Exception {
    try (Target target = Target.begin("sleep")) {
      CompiledC.run("kill", "-STOP", Integer.toString(target.tgid()));
      TargetProcess process = new TargetProcess(target.tgid());
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> process.status().get("State").startsWith("T"));
      assertThat(refusal(target.tgid())).contains("it is stopped");
      CompiledC.run("kill", "-CONT", Integer.toString(target.tgid()));
    }
  }

  @Test
  void shouldSayWhyWhenItIsAZombieOrAThread() throws Exception {
    List<String> command = List.of("sh", "-c", CHILD_OF_A_SLEEPER);
    try (Target target = Target.begin(command, Map.of());
        Target threads = Target.begin("malloc")) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () -> new TargetProcess(target.descendant()).status().get("State").startsWith("Z"));
      assertThat(refusal(target.descendant())).contains("it has ended already");
      int thread = new TargetProcess(threads.tgid()).threads().get(3);
      assertThat(refusal(thread)).contains("it is a thread of process " + threads.tgid());
    }
  }

  @Test
  void shouldSayWhyWhenItIsRecordedAlready() throws Exception {
    try (Target target = Target.begin("poll")) {
      Injection first = Injection.into(target.tgid(), Target.library(), new Target.Counts());
      assertThat(refusal(target.tgid())).contains("it is recorded by Unfreed already");
      byte[] other = Target.library();
      // Another build: the program headers differ.
      other[100]++;
      assertThat(refusal(target.tgid(), other, new Target.Counts()))
          .contains("by another version of Unfreed");
      first.detach();
      target.assertUnharmed();
    }
  }

  @Test
  void shouldSayWhyWhenTheLibraryCannotBeLoaded() throws Exception {
    try (Target target = Target.begin("registers")) {
      assertThat(refusal(target.tgid(), "no library at all".getBytes(), new Target.Counts()))
          .contains("it cannot load the library: /proc/self/fd/");
      assertThat(
              refusal(
                  target.tgid(),
                  Target.library(),
                  fd -> {
                    throw new IOException("there is no memory for the rings");
                  }))
          .endsWith("there is no memory for the rings");
      target.assertNothingLeft();
      target.assertUnharmed();
    }
  }

  @Test
  void shouldSayWhyWhenTheCallFaults() throws Exception {
    try (Target target = Target.begin("registers", Map.of("INJECT_FAULT", "1"))) {
      assertThat(refusal(target.tgid()))
          .contains("the library's attach function ended with signal 11");
      target.assertNothingLeft();
      target.assertUnharmed();
    }
  }

  @Test
  void shouldLeaveTheThreadToItselfWhenTheCallDoesNotReturn() throws Exception {
    try (Target target = Target.begin("sleep", Map.of("INJECT_HANG", "1"))) {
      assertThat(refusal(target.tgid()))
          .contains("the library's attach function has not returned within 2 s");
      assertThat(new TargetProcess(target.tgid()).status().get("TracerPid")).isEqualTo("0");
      assertThat(target.isAlive()).isTrue();
    }
  }

  private static String refusal(int tgid) throws IOException {
    return refusal(tgid, Target.library(), new Target.Counts());
  }

  private static String refusal(int tgid, byte[] library, ArenaMaker arena) {
    InjectionRefusedException refused =
        catchThrowableOfType(
            InjectionRefusedException.class, () -> Injection.into(tgid, library, arena, IMPATIENT));
    assertThat(refused).isNotNull();
    assertThat(refused.getMessage()).startsWith("process " + tgid).doesNotContain("\n");
    return refused.getMessage();
  }
}
