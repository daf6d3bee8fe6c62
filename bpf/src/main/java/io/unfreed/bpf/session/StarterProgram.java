package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code start.c}: waits and execs a command, whose environment is ours and what it is given more.
 */
final class StarterProgram {
  private static final String RESOURCE = "/io/unfreed/bpf/start";

  private StarterProgram() {}

  /** Starts it, until it waits; empty when it was not built, or cannot run from where files go. */
  static Optional<SpawnedProcess> start(List<String> command, Map<String, String> environment) {
    try (InputStream program = StarterProgram.class.getResourceAsStream(RESOURCE)) {
      return program == null ? Optional.empty() : start(program, command, environment);
    } catch (IOException noFile) {
      return Optional.empty();
    }
  }

  private static Optional<SpawnedProcess> start(
      InputStream program, List<String> command, Map<String, String> environment)
      throws IOException {
    Path directory =
        Files.createTempDirectory(
            "unfreed-start-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path file = directory.resolve("start");
    try {
      Files.copy(program, file, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x------"));
      return waiting(SpawnedProcess.start(file.toString(), words(command, environment)));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }

  private static List<String> words(List<String> command, Map<String, String> environment) {
    List<String> words = new ArrayList<>(List.of("start"));
    environment.forEach((name, value) -> words.add(name + "=" + value));
    words.add("--");
    words.addAll(command);
    return words;
  }

  private static Optional<SpawnedProcess> waiting(SpawnedProcess process) {
    if (process.awaitReady()) {
      return Optional.of(process);
    }
    process.closeGate(); // built for a newer C library than is here, say
    process.waitFor();
    return Optional.empty();
  }
}
