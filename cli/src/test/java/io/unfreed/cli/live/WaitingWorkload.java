package io.unfreed.cli.live;

import java.io.BufferedReader;
import java.io.IOException;

/** A mode of the workload program that waits for its go. */
final class WaitingWorkload implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  WaitingWorkload(String mode) throws IOException, InterruptedException {
    this(KernelHost.program("alloc"), mode);
  }

  WaitingWorkload(String program, String mode) throws IOException {
    process = new ProcessBuilder(program, mode).start();
    output = process.inputReader();
    line("ready");
  }

  int tgid() {
    return (int) process.pid();
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
