package io.unfreed.cli.live;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code unfreed} in a process of its own, for signals and for commands that own its streams. */
final class UnfreedProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 300;

  /** Readers wait for as long as the process lives: each has a thread of the platform, its own. */
  private static final Executor AT_ONCE = task -> Thread.ofPlatform().daemon().start(task);

  /** What a shell starts in its background ignores SIGINT, and so would all that tests start. */
  private static final List<String> NO_IGNORED_SIGNALS =
      List.of("env", "--default-signal=INT,TERM,QUIT");

  private final Process process;
  private final CompletableFuture<String> out;
  private final CompletableFuture<String> err;

  UnfreedProcess(String... arguments) throws IOException {
    this(List.of(), Map.of(), arguments);
  }

  /**
   * Started by another program, as one that takes privileges away.
   *
   * @param before that program and its arguments; it must exec what follows
   * @param environment more variables
   */
  UnfreedProcess(List<String> before, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(NO_IGNORED_SIGNALS);
    command.addAll(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.unfreed.cli.Main"));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    process = builder.start();
    out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), AT_ONCE);
    err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), AT_ONCE);
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Writes to the command's stdin and closes it. */
  void stdin(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
  }

  /**
   * Sends a signal to the process, as a shell does.
   *
   * @param name without SIG
   */
  void signal(String name) throws IOException, InterruptedException {
    String[] kill = {"kill", "-" + name, Long.toString(process.pid())};
    if (new ProcessBuilder(kill).inheritIO().start().waitFor() != 0) {
      throw new IOException("kill -" + name + " failed");
    }
  }

  /**
   * Stops all its threads for a while, as a machine without a moment to spare would: what its
   * command does meanwhile has no reader, however fast this machine is.
   */
  void freeze(Duration length) throws IOException, InterruptedException {
    freeze(length, "");
  }

  private void freeze(Duration length, String input) throws IOException, InterruptedException {
    signal("STOP");
    try {
      if (!input.isEmpty()) {
        stdin(input);
      }
      Thread.sleep(length.toMillis());
    } finally {
      signal("CONT");
    }
  }

  /**
   * Lets its command, a workload that waits for its go, begin while the recorder stands still.
   *
   * @param program its name
   */
  void goWhileFrozen(String program, Duration length) throws Exception {
    Awaitility.await()
        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
        .until(() -> child(program).filter(UnfreedProcess::isReadingStdin).isPresent());
    freeze(length, "go\n");
  }

  /** As the kernel shows it: the number of the call, then the descriptor. */
  private static boolean isReadingStdin(ProcessHandle child) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(child.pid()), "syscall"))
          .startsWith("0 0x0 ");
    } catch (IOException e) {
      return false;
    }
  }

  int await() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("unfreed did not end within " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  /** Waits for its end, whatever its status: a command that goes on has none yet. */
  void awaitExit() throws InterruptedException {
    await();
  }

  /** The process of a program that it has started. */
  Optional<ProcessHandle> child(String program) {
    return process
        .children()
        .filter(child -> child.info().command().filter(c -> c.endsWith(program)).isPresent())
        .findFirst();
  }

  /** What it and its command wrote to stdout, when both have ended. */
  String out() throws Exception {
    return out.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What they wrote to stderr. */
  String err() throws Exception {
    return err.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends it, if it has not ended, and what it has started. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
