package io.unfreed.cli.live;

import java.io.BufferedReader;
import java.io.IOException;

/** A mode of the workload program that waits for its go. */
final class WaitingWorkload implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final ProcessHandle workload;

  WaitingWorkload(String mode) throws IOException, InterruptedException {
    this(KernelHost.program("alloc"), mode);
  }

  WaitingWorkload(String program, String mode) throws IOException {
    this(new ProcessBuilder(program, mode), true);
  }

  private WaitingWorkload(ProcessBuilder command, boolean isItself) throws IOException {
    process = command.start();
    output = process.inputReader();
    line("ready");
    workload = isItself ? process.toHandle() : process.children().findFirst().orElseThrow();
  }

  /** As in a container: by itself it is process 1. */
  static WaitingWorkload inItsOwnNamespace(String mode) throws IOException, InterruptedException {
    return new WaitingWorkload(
        new ProcessBuilder(
            "unshare",
            "--fork",
            "--pid",
            "--kill-child",
            "--mount-proc",
            KernelHost.program("alloc"),
            mode),
        false);
  }

  int tgid() {
    return (int) workload.pid();
  }

  void go() throws IOException {
    process.outputWriter().write("go\n");
    process.outputWriter().flush();
  }

  /** What it says it did, before it ends. */
  Truth truth() throws IOException {
    return Truth.of(output.lines().toList());
  }

  /** Its next line, which must start with a word. */
  String line(String word) throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith(word)) {
      throw new IOException("expected a line of " + word + ", got " + line);
    }
    return line;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
