package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TracedProcessTest {
  /** Its child ends behind the exec: a shell might still wait for it. */
  private static final String CHILD_OF_A_SLEEPER =
      "(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 600";

  /** A child that nobody waits for keeps its number, and runs no more. */
  @Test
  void shouldHaveEndedWhenItIsAZombie() throws Exception {
    Process parent = new ProcessBuilder("sh", "-c", CHILD_OF_A_SLEEPER).start();
    try (BufferedReader out = parent.inputReader()) {
      int child = Integer.parseInt(out.readLine());
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(TracedProcess.of(child)).isEmpty());
      assertThat(Path.of("/proc/" + child)).exists();
      assertThat(Files.readString(Path.of("/proc/" + child + "/stat"))).contains(") Z ");
      TracedProcess running = TracedProcess.of((int) parent.pid()).orElseThrow();
      assertThat(running.runs()).isTrue();
      parent.destroyForcibly().waitFor();
      assertThat(running.runs()).isFalse();
    } finally {
      parent.destroyForcibly();
    }
  }
}
