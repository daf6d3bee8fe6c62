package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.unfreed.query.UsageException;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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

  /** The kernel cuts a name behind 15 bytes, in the middle of a letter if need be. */
  @Test
  void shouldRunWhateverBytesItsNameHas() throws Exception {
    Process named =
        new ProcessBuilder("sh", "-c", "printf 'cut \\320' > /proc/$$/comm; echo done; read x")
            .start();
    try {
      assertThat(named.inputReader().readLine()).isEqualTo("done");
      assertThat(TracedProcess.of((int) named.pid())).isPresent();
      assertThat(AskedProcesses.of(List.of((int) named.pid()))).hasSize(1);
    } finally {
      named.destroyForcibly();
    }
  }

  @Test
  void shouldBeNoThread() throws Exception {
    int own = (int) ProcessHandle.current().pid();
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      int thread =
          threads
              .mapToInt(task -> Integer.parseInt(task.getFileName().toString()))
              .filter(tid -> tid != own)
              .findFirst()
              .orElseThrow();
      assertThatThrownBy(() -> AskedProcesses.of(List.of(own, thread)))
          .isInstanceOf(UsageException.class)
          .hasMessage("-p " + thread + " is a thread of process " + own);
    }
    assertThat(AskedProcesses.of(List.of(own, own))).containsExactly(own);
  }
}
