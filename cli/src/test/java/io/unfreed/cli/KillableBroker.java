package io.unfreed.cli;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A broker in a process of its own that can be killed. */
final class KillableBroker implements AutoCloseable {
  private final Process process;
  private final BrokerAccess access;

  private KillableBroker(Process process, BrokerAccess access) {
    this.process = process;
    this.access = access;
  }

  /** Returns when the broker has started. */
  static KillableBroker start(Path temporaryDirectory) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=" + temporaryDirectory,
            "-cp",
            System.getProperty("java.class.path"),
            KillableBroker.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new KillableBroker(process, BrokerAccess.of(Path.of(process.inputReader().readLine())));
  }

  BrokerAccess access() {
    return access;
  }

  /** SIGKILL. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The program of the process: prints how to reach it and waits. */
  public static void main(String[] arguments) throws InterruptedException {
    System.out.println(EmbeddedBroker.startTemporary().clientFile());
    Thread.currentThread().join();
  }
}
