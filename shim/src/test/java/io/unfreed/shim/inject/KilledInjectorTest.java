package io.unfreed.shim.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unfreed.shim.CompiledC;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The target lives on, with all of its registers, when the injector is killed half way. */
final class KilledInjectorTest {
  private static final int ROUNDS = 8;

  @Test
  void shouldRestoreItselfWhenTheInjectorIsKilledWithinAnInjection() throws Exception {
    try (Target target = Target.begin("registers", Map.of("INJECT_KILLED", "1"))) {
      Process injector = inject(target, List.of(), "stay");
      assertThat(injector.inputReader().readLine()).isEqualTo("within");
      kill(injector);
      // The stack and the descriptors are left, the thread is where it was.
      target.assertUnharmed();
    }
  }

  /** Asleep most of the time, and never: it is met in different places. */
  @ParameterizedTest
  @ValueSource(strings = {"registers", "malloc", "redzone"})
  void shouldLiveOnWhenTheInjectorIsKilledAtAnyMoment(String mode) throws Exception {
    try (Target target = Target.begin(mode, Map.of("INJECT_KILLED", "1"))) {
      killInjectors(target);
      target.assertUnharmed();
    }
  }

  private static void killInjectors(Target target) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      Process injector = inject(target, List.of());
      BufferedReader lines = injector.inputReader();
      String moment = "seed %d, round %d".formatted(seed, i);
      assertThat(lines.readLine()).as(moment).isNotNull();
      long until = System.nanoTime() + random.nextInt(100_000_000);
      while (System.nanoTime() - until < 0) {
        Thread.onSpinWait();
      }
      kill(injector);
      if (!target.isAlive()) {
        fail(moment + ": the target has ended: " + target.lastWords());
      }
    }
  }

  @Test
  void shouldSayWhyWhenTheTargetBelongsToAnotherUser() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "not here: root");
    CompiledC.assumeProgram("setpriv", "--reuid=65534", "true");
    try (Target target = Target.begin("sleep")) {
      Process injector =
          inject(target, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
      assertThat(injector.inputReader().readLine())
          .contains("it belongs to user 0, and this is user 65534");
      assertThat(injector.waitFor(60, TimeUnit.SECONDS)).isTrue();
      target.assertUnharmed();
    }
  }

  private static Process inject(Target target, List<String> below, String... more)
      throws IOException {
    List<String> command = new ArrayList<>(below);
    command.addAll(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            InjectAgainAndAgain.class.getName(),
            Integer.toString(target.tgid()),
            Target.libraryFile().toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void kill(Process injector) throws InterruptedException {
    injector.destroyForcibly();
    assertThat(injector.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }
}
