package io.unfreed.shim.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.shim.CompiledC;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InjectionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"epoll", "sleep", "poll", "waits", "malloc", "redzone", "registers", "coroutine"})
  void shouldLeaveTheTargetUnharmedWhenItIsBusyWith(String mode) throws Exception {
    try (Target target = Target.begin(mode)) {
      attachAndDetach(target.tgid());
      target.assertNothingLeft();
      target.assertUnharmed();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "poll, 50",
    "waits-until, 20",
    "malloc, 20",
    "redzone, 20",
    "registers, 10",
    "sleep, 10",
    "threads, 20"
  })
  void shouldLoadTheLibraryOnceWhenAttachedOften(String mode, int times) throws Exception {
    try (Target target = Target.begin(mode)) {
      for (int i = 0; i < times; i++) {
        attachAndDetach(target.tgid());
      }
      assertThat(librariesIn(target.tgid())).isEqualTo(1);
      target.assertNothingLeft();
      target.assertUnharmed();
    }
  }

  @Test
  void shouldDoNothingWhenDetachedTwiceOrFromAnEndedProcess() throws Exception {
    try (Target target = Target.begin("sleep");
        Target other = Target.begin("sleep")) {
      Target.Counts counts = new Target.Counts();
      Injection injection = Injection.into(target.tgid(), Target.library(), counts);
      injection.detach();
      injection.detach();
      assertThat(counts.detached()).isEqualTo(1);

      Injection ended = Injection.into(other.tgid(), Target.library(), new Target.Counts());
      other.assertUnharmed();
      ended.detach();
    }
  }

  @Test
  void shouldInjectWhenTheTargetHasAnotherMountNamespace() throws Exception {
    CompiledC.assumeProgram("unshare", "-m", "true");
    String[] below = {"unshare", "-m", "sh", "-c", "mount -t tmpfs none /tmp && exec \"$@\"", "sh"};
    try (Target target = Target.begin("epoll", below)) {
      attachAndDetach(target.descendant());
      target.assertUnharmed();
    }
  }

  @Test
  void shouldInjectWhenTheTargetHasAnotherPidNamespaceThatRefusesExecutableMemfds()
      throws Exception {
    CompiledC.assumeProgram("unshare", "-fp", "--mount-proc", "true");
    String script = "echo 2 > /proc/sys/vm/memfd_noexec; \"$@\"";
    try (Target target =
        Target.begin("sleep", "unshare", "-fp", "--mount-proc", "sh", "-c", script, "sh")) {
      attachAndDetach(target.descendant());
      target.assertUnharmed();
    }
  }

  @Test
  void shouldInjectWhenTheTargetBelongsToAnotherUserAndWeAreRoot() throws Exception {
    CompiledC.assumeProgram("setpriv", "--reuid=65534", "true");
    try (Target target =
        Target.begin("malloc", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")) {
      attachAndDetach(target.tgid());
      target.assertUnharmed();
    }
  }

  @Test
  void shouldInjectWhenSeccompIsAllowed() throws Exception {
    try (Target target = Target.begin("seccomp")) {
      InjectionConfig config =
          new InjectionConfig(
              InjectionConfig.DEFAULT.search(), InjectionConfig.DEFAULT.call(), true);
      Target.Counts counts = new Target.Counts();
      Injection.into(target.tgid(), Target.library(), counts, config).detach();
      assertThat(counts.attached()).isEqualTo(1);
      target.assertUnharmed();
    }
  }

  /** The filter would kill the process if its thread were borrowed. */
  @Test
  void shouldDetachByAnotherThreadWhenOneHasTakenOnAFilter() throws Exception {
    try (Target target = Target.begin("seccomp-later")) {
      Target.Counts counts = new Target.Counts();
      Injection injection = Injection.into(target.tgid(), Target.library(), counts);
      target.signal("USR1");
      assertThat(target.says()).isEqualTo("filtered");
      injection.detach();
      assertThat(counts.detached()).isEqualTo(1);
      target.assertUnharmed();
    }
  }

  @Test
  void shouldInjectIntoPython() throws Exception {
    CompiledC.assumeProgram("/usr/bin/python3", "-c", "1");
    String script =
        """
        import signal, sys, time
        def end(*_):
            print('unharmed', flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print('ready', flush=True)
        while True:
            kept = [str(i) * 100 for i in range(10000)]
            time.sleep(0.001)
        """;
    try (Target target =
        Target.begin(List.of("/usr/bin/python3", "-c", script), Map.of("PYTHONMALLOC", "malloc"))) {
      for (int i = 0; i < 5; i++) {
        attachAndDetach(target.tgid());
      }
      target.assertUnharmed();
    }
  }

  @Test
  void shouldInjectIntoNginx() throws Exception {
    CompiledC.assumeProgram("nginx", "-v");
    Path directory =
        Files.createDirectories(Path.of("target/test-programs/nginx").toAbsolutePath());
    Path configuration = directory.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        daemon off; master_process off; pid %1$s/pid; error_log stderr;
        events {}
        http { access_log off; server { listen unix:%1$s/socket; return 204; } }
        """
            .formatted(directory));
    Files.deleteIfExists(directory.resolve("socket"));
    List<String> command =
        List.of(
            "sh",
            "-c",
            "echo ready; exec nginx -e stderr -p " + directory + " -c " + configuration);
    try (Target target = Target.begin(command, Map.of())) {
      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(30))
          .until(() -> Files.exists(directory.resolve("socket")));
      for (int i = 0; i < 5; i++) {
        attachAndDetach(target.tgid());
        assertThat(
                CompiledC.run(
                    "curl", "-sf", "--unix-socket", directory + "/socket", "http://unfreed/"))
            .isZero();
      }
      assertThat(target.isAlive()).isTrue();
    }
  }

  private static void attachAndDetach(int tgid) throws Exception {
    Target.Counts counts = new Target.Counts();
    InjectionConfig patient =
        new InjectionConfig(Duration.ofMinutes(2), InjectionConfig.DEFAULT.call(), false);
    Injection injection = Injection.into(tgid, Target.library(), counts, patient);
    assertThat(counts.attached()).isEqualTo(1);
    assertThat(counts.misaligned()).isZero();
    injection.detach();
    assertThat(counts.detached()).isEqualTo(1);
  }

  private static long librariesIn(int tgid) throws IOException {
    return new TargetProcess(tgid)
        .mappings().stream()
            .filter(m -> m.path().contains("unfreed-shim") && m.executable())
            .count();
  }
}
