package io.unfreed.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code unfreed streams} in a process of its own, so that it can be killed. */
public final class ServiceProcess implements AutoCloseable {
  private final Process process;
  private final Path said;

  /** Starts it; {@code more} are further options. */
  public ServiceProcess(BrokerAccess access, Path stateDirectory, String... more)
      throws IOException {
    this(access.options(), stateDirectory, more);
  }

  /** The same with other options that lead to a broker. */
  public ServiceProcess(List<String> broker, Path stateDirectory, String... more)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.unfreed.cli.Main",
                "streams",
                "--state-dir",
                stateDirectory.toString()));
    command.addAll(broker);
    command.addAll(Arrays.asList(more));
    said = Files.createTempFile(stateDirectory.getParent(), "service", ".err");
    process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(said.toFile())
            .start();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGSTOP: none of its threads runs until {@link #thaw}. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    String[] kill = {"kill", "-" + name, Long.toString(process.pid())};
    if (new ProcessBuilder(kill).inheritIO().start().waitFor() != 0) {
      throw new IOException("kill -" + name + " failed");
    }
  }

  /** SIGTERM; returns the exit code. */
  public int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the service did not end within 60 s of SIGTERM");
    }
    return process.exitValue();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it said that it serves: it ends orderly from then on. */
  public boolean isServing() throws IOException {
    return errLines().stream().anyMatch(line -> line.contains("serving "));
  }

  /** What it said on stderr so far. */
  public List<String> errLines() throws IOException {
    return Files.readAllLines(said);
  }

  /** SIGKILL; what it said goes on to stderr. */
  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    errLines().forEach(System.err::println);
  }
}
