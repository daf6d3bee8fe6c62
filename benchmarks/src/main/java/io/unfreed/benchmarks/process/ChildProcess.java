package io.unfreed.benchmarks.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of a benchmark and what it costs. It ends at the latest with this one, by the end of
 * its standard input or by a signal.
 */
public final class ChildProcess implements AutoCloseable {
  private static final long START_SECONDS = 180;
  private static final long END_SECONDS = 180;
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final Path output;
  private final boolean readsInput;

  /**
   * Starts it.
   *
   * @param output where its output goes
   * @param readsInput whether it ends when its input ends, else by SIGTERM
   */
  public ChildProcess(
      List<String> command, Map<String, String> environment, Path output, boolean readsInput)
      throws IOException {
    this.output = output;
    this.readsInput = readsInput;
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.redirectOutput(output.toFile()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** Waits for a line that begins so, and returns the rest of it. */
  public String await(String beginning) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (System.nanoTime() < deadline) {
      boolean ended = !process.isAlive();
      try (BufferedReader lines = Files.newBufferedReader(output, StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(beginning)) {
            return line.substring(beginning.length()).strip();
          }
        }
      }
      if (ended) {
        break;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new IOException(
        "no line '"
            + beginning
            + "' from "
            + process.info().command().orElse("a process")
            + ":\n"
            + Files.readString(output));
  }

  /** CPU so far, of all threads. */
  public double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory at its peak. */
  public double peakMegabytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return 0;
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Tells it that it is over; {@link #close} waits. */
  public void end() throws IOException {
    if (readsInput) {
      process.getOutputStream().close();
    } else {
      process.destroy();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      end();
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
