package io.unfreed.bpf.session;

import io.unfreed.bpf.CompiledC;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A workload process of replay-data/workloads that waits for its go. */
final class Workload implements AutoCloseable {
  private static final Path SOURCES = Path.of("../replay-data/workloads").toAbsolutePath();
  private static Path built;

  private final Process process;
  private final BufferedReader output;

  private Workload(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /** The programs, built once per test run into target/. */
  static synchronized Path directory() throws IOException {
    CompiledC.assumeTool("gcc");
    CompiledC.assumeTool("make");
    if (built == null) {
      Path out = Path.of("target/workloads").toAbsolutePath();
      Files.createDirectories(out);
      CompiledC.run(SOURCES.normalize(), "make", "-s", "OUT=" + out);
      built = out;
    }
    return built;
  }

  static Workload waiting(String mode) throws IOException {
    String program = directory().resolve("alloc").toString();
    Workload workload = new Workload(new ProcessBuilder(program, mode).start());
    workload.awaitLine("ready");
    return workload;
  }

  int tgid() {
    return (int) process.pid();
  }

  void go() throws IOException {
    process.outputWriter().write("go\n");
    process.outputWriter().flush();
  }

  /** The next line, which must start with a word. */
  String awaitLine(String word) throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith(word)) {
      throw new IOException("expected a line of " + word + ", got " + line);
    }
    return line;
  }

  /** The numbers on the next line of a word. */
  Map<String, Long> awaitNumbers(String word) throws IOException {
    return numbers(awaitLine(word));
  }

  static Map<String, Long> numbers(String line) {
    Map<String, Long> numbers = new HashMap<>();
    for (String field : line.split(" ")) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        numbers.put(field.substring(0, equals), Long.parseLong(field.substring(equals + 1)));
      }
    }
    return numbers;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
