package io.unfreed.release;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The container engine of this machine, through its command line. */
final class Engine {
  /** An image is built with a JVM at work in it. */
  private static final int LIMIT_SECONDS = 900;

  private static final int ANSWER_SECONDS = 20;

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();

  /** Runs commands in a directory. */
  Engine(Path directory) {
    this.directory = directory;
    // The older builder is there where the newer one is not.
    if (!answers("docker", "buildx", "version")) {
      environment.put("DOCKER_BUILDKIT", "0");
    }
  }

  /** Skips the test, with a printed reason, where no engine answers. */
  static void assumeAnswers() {
    skipUnless(answers("docker", "info"), "no engine answers");
  }

  /** The words of the compose command, of its newer or its older form. */
  static List<String> compose() {
    if (answers("docker", "compose", "version")) {
      return List.of("docker", "compose");
    }
    skipUnless(answers("docker-compose", "version"), "no engine answers to docker compose");
    return List.of("docker-compose");
  }

  void set(String name, String value) {
    environment.put(name, value);
  }

  /** Runs a command; its stdout, when it ends well. */
  String run(List<String> command, String... more) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(Arrays.asList(more));
    Path out = Files.createTempFile("unfreed-engine", ".out");
    Path err = Files.createTempFile("unfreed-engine", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(words + ": " + Files.readString(out) + Files.readString(err));
      }
      return Files.readString(out);
    } finally {
      process.destroyForcibly();
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static boolean answers(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException notInstalled) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void skipUnless(boolean condition, String reason) {
    if (!condition) {
      System.err.println("SKIPPED: container: " + reason);
    }
    assumeTrue(condition, "container: " + reason);
  }
}
