package io.unfreed.cli.live;

import io.unfreed.bpf.symbols.ProcText;
import io.unfreed.query.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The numbers that -p gives: of a thread, as top -H tells it, nothing would ever be recorded. */
public final class AskedProcesses {
  private static final String PROCESS = "Tgid:";

  private AskedProcesses() {}

  /**
   * Without repeats; one that is not there (any more) is found missing later.
   *
   * @throws UsageException for a number that stands for no process
   */
  public static List<Integer> of(List<Integer> pids) {
    for (int pid : pids) {
      if (pid < 1) {
        throw new UsageException("-p " + pid + " is no process");
      }
      int tgid = tgid(pid);
      if (tgid != pid) {
        throw new UsageException("-p " + pid + " is a thread of process " + tgid);
      }
    }
    return pids.stream().distinct().toList();
  }

  private static int tgid(int pid) {
    try {
      for (String line : ProcText.lines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith(PROCESS)) {
          return Integer.parseInt(line.substring(PROCESS.length()).strip());
        }
      }
    } catch (IOException gone) {
      return pid;
    }
    return pid;
  }
}
