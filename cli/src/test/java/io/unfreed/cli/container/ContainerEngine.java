package io.unfreed.cli.container;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

/** The container engine of this machine, and the image of a broker that it has. */
final class ContainerEngine {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  /** Pulling, or making, two images. */
  private static final int IMAGES_MINUTES = 30;

  private ContainerEngine() {}

  /** Skips the test, with a printed reason, where no engine answers. */
  static void assumeAnswers() {
    // Testcontainers asks everywhere, for seconds: not where nothing can be.
    boolean answers = mayBeThere() && DockerClientFactory.instance().isDockerAvailable();
    if (!answers) {
      System.err.println("SKIPPED: container: no engine answers");
    }
    assumeTrue(answers, "container: no engine answers");
  }

  private static boolean mayBeThere() {
    return System.getenv("DOCKER_HOST") != null
        || Stream.of(
                "/var/run/docker.sock",
                System.getenv("XDG_RUNTIME_DIR") + "/docker.sock",
                System.getProperty("user.home") + "/.docker/run/docker.sock",
                System.getProperty("user.home") + "/.testcontainers.properties")
            .anyMatch(file -> Files.exists(Path.of(file)));
  }

  /** The image of a broker that can be used here; made from this build's jars when it must be. */
  static DockerImageName brokerImage() throws IOException, InterruptedException {
    Map<String, String> chosen =
        chosenImages()
            .lines()
            .map(line -> line.split("=", 2))
            .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
    return DockerImageName.parse(chosen.get("UNFREED_KAFKA"))
        .asCompatibleSubstituteFor("apache/kafka");
  }

  private static String chosenImages() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                HOME.resolve("containers/choose-images").toString(),
                System.getProperty("java.class.path"))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("UNFREED_JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      String chosen = process.inputReader().lines().collect(Collectors.joining("\n"));
      if (!process.waitFor(IMAGES_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new AssertionError("containers/choose-images failed: " + chosen);
      }
      return chosen;
    } finally {
      process.destroyForcibly();
    }
  }
}
