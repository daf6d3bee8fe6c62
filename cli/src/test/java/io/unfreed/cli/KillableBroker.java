package io.unfreed.cli;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A broker in a process of its own that can be killed. */
final class KillableBroker implements AutoCloseable {
  private final Process process;
  private final BrokerAccess access;

  private KillableBroker(Process process, BrokerAccess access) {
    this.process = process;
    this.access = access;
  }

  /** Returns when the broker has started; with a directory, on that one. */
  static KillableBroker start(Path temporaryDirectory, String... dataDirectory) throws IOException {
    List<String> command = new ArrayList<>();
    Collections.addAll(
        command,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--sun-misc-unsafe-memory-access=allow",
        "-Djava.io.tmpdir=" + temporaryDirectory,
        "-cp",
        System.getProperty("java.class.path"),
        KillableBroker.class.getName());
    Collections.addAll(command, dataDirectory);
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
    EmbeddedBroker broker =
        arguments.length == 0
            ? EmbeddedBroker.startTemporary()
            : EmbeddedBroker.openOrConnect(Path.of(arguments[0]));
    System.out.println(broker.clientFile());
    Thread.currentThread().join();
  }
}
