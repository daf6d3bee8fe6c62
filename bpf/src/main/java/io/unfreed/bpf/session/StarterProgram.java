package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.io.InputStream;
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

  /** Starts it, until it waits; empty when it was not built, or memory may not be run here. */
  static Optional<SpawnedProcess> start(List<String> command, Map<String, String> environment) {
    try (InputStream program = StarterProgram.class.getResourceAsStream(RESOURCE)) {
      return program == null
          ? Optional.empty()
          : waiting(SpawnedProcess.start(program.readAllBytes(), words(command, environment)));
    } catch (IOException notRun) {
      return Optional.empty();
    }
  }

  private static List<String> words(List<String> command, Map<String, String> environment) {
    List<String> words = new ArrayList<>(List.of("start"));
    words.add(Integer.toString(SpawnedProcess.READY_FD));
    words.add(Integer.toString(SpawnedProcess.GATE_FD));
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
