package io.unfreed.cli.live;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that is traced until it has ended, whoever has its number then.
 *
 * @param tgid its number
 * @param handle knows when it started
 */
public record TracedProcess(int tgid, ProcessHandle handle) {
  /** State and threads behind the name in /proc/PID/stat, proc(5). */
  private static final int STATE = 0;

  private static final int THREADS = 17;

  /** Empty when there is none. */
  public static Optional<TracedProcess> of(int tgid) {
    return ProcessHandle.of(tgid)
        .map(handle -> new TracedProcess(tgid, handle))
        .filter(TracedProcess::runs);
  }

  /** A zombie that nobody waits for does not; a leader that exited before its threads does. */
  boolean runs() {
    if (!handle.isAlive()) {
      return false;
    }
    try {
      String stat = ProcText.read(Path.of("/proc/" + tgid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return !"ZX".contains(fields[STATE]) || !fields[THREADS].equals("1");
    } catch (IOException gone) {
      return false;
    }
  }
}
