package io.unfreed.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A broker in a process of its own, to be ended by signals. It prints the address and then waits.
 *
 * @param process the running process
 * @param output its standard output and error, after the address
 * @param bootstrapServers the address
 */
record BrokerProcess(Process process, BufferedReader output, String bootstrapServers)
    implements AutoCloseable {
  /** Starts the process and returns when the broker has started. */
  static BrokerProcess start(Path temporaryDirectory, String... dataDirectory) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + temporaryDirectory,
                "-cp",
                System.getProperty("java.class.path"),
                BrokerProcess.class.getName()));
    command.addAll(List.of(dataDirectory));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new BrokerProcess(process, output, output.readLine());
  }

  /** Sends SIGTERM; {@code Process.destroy} would also close the pipe. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Sends SIGKILL. */
  void kill() {
    process.toHandle().destroyForcibly();
  }

  @Override
  public void close() {
    kill();
  }

  /** Waits for the end and returns what was printed meanwhile. */
  List<String> end() throws IOException, InterruptedException {
    List<String> rest = output.lines().toList();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("the process did not end: " + rest);
    }
    return rest;
  }

  /** The program of the process. */
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedBroker broker =
        arguments.length == 0
            ? EmbeddedBroker.startTemporary()
            : EmbeddedBroker.openOrConnect(Path.of(arguments[0]));
    broker.takeOverWhenOwnerEnds(line -> {});
    broker.beforeExit(() -> System.out.println("before exit"));
    System.out.println(broker.bootstrapServers());
    Thread.currentThread().join();
  }
}
