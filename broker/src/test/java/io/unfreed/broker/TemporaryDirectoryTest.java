package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {
  private static final String PREFIX = "unfreed-sweep-test-";

  @Test
  void shouldRemoveWhatADeadProcessLeftAndNothingThatIsAlive() throws Exception {
    Process dead = holder();
    Path left = Path.of(dead.inputReader().readLine());
    Process alive = holder();
    Path live = Path.of(alive.inputReader().readLine());
    Path fresh = Files.createTempDirectory(PREFIX);
    Files.createFile(fresh.resolve(TemporaryDirectory.LOCK));
    Path lockless = Files.createTempDirectory(PREFIX);
    try {
      dead.destroyForcibly().waitFor();
      age(left);
      age(live);
      try (TemporaryDirectory next = TemporaryDirectory.create(PREFIX)) {
        age(next.path());
        TemporaryDirectory.sweep(PREFIX);
        assertThat(next.path()).exists();
        assertThat(left).doesNotExist();
        assertThat(live.resolve("data")).exists();
        assertThat(fresh).exists();
        assertThat(lockless).exists();
      }
    } finally {
      alive.destroyForcibly().waitFor();
      FileTree.delete(live);
      FileTree.delete(fresh);
      FileTree.delete(lockless);
    }
  }

  private static void age(Path directory) throws Exception {
    Files.setLastModifiedTime(
        directory.resolve(TemporaryDirectory.LOCK),
        FileTime.from(Instant.now().minus(Duration.ofHours(1))));
  }

  private static Process holder() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TemporaryDirectoryTest.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** A process with a directory. */
  public static void main(String[] none) throws Exception {
    TemporaryDirectory directory = TemporaryDirectory.create(PREFIX);
    Files.createFile(directory.path().resolve("data"));
    System.out.println(directory.path());
    Thread.currentThread().join();
  }
}
