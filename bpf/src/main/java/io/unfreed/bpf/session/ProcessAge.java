package io.unfreed.bpf.session;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** When a process began, by proc(5). */
final class ProcessAge {
  /** USER_HZ is 100 on every Linux that matters. */
  private static final long TICK_NANOS = 10_000_000L;

  /** Of /proc/PID/stat behind the command's closing parenthesis, counted from 0. */
  private static final int START = 19;

  private ProcessAge() {}

  /** CLOCK_MONOTONIC, to 10 ms; suspended time counts as run. */
  static long beganNanos(int tgid) throws IOException {
    String stat = ProcText.read(Path.of("/proc/" + tgid + "/stat"));
    long start = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START]);
    String uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
    long age = (long) (Double.parseDouble(uptime) * 1e9) - start * TICK_NANOS;
    return System.nanoTime() - Math.max(0, age);
  }
}
