package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A command held before its exec. A shell of ours waits at a pipe, then execs the command in its
 * own process, so the tgid is known and probed before the command's first instruction. If this
 * process dies, the pipe ends and the shell with it; once the command runs, nothing of ours is left
 * in it.
 */
public final class LaunchedCommand {
  private static final String GATE =
      "echo >&8; exec 8>&-; read -r go <&9 || exit 125; exec 9<&-; exec \"$@\"";

  private final SpawnedProcess process;
  private AttachReport report;

  private LaunchedCommand(SpawnedProcess process) {
    this.process = process;
  }

  static LaunchedCommand start(List<String> command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("sh", "-c", GATE, "sh"));
    arguments.addAll(command);
    SpawnedProcess process = SpawnedProcess.start("/bin/sh", arguments);
    if (!process.awaitReady()) {
      process.closeGate();
      throw new IOException("the shell that starts the command ended with " + process.waitFor());
    }
    return new LaunchedCommand(process);
  }

  public int tgid() {
    return process.pid();
  }

  /** What was probed before the start. */
  public AttachReport report() {
    return report;
  }

  void report(AttachReport made) {
    report = made;
  }

  /** Lets the command exec; its recording begins there. */
  public void release() {
    process.openGate();
  }

  /** Ends the waiting shell instead; the command never starts. */
  public void abandon() {
    process.closeGate();
    process.waitFor();
  }

  /** Blocks until the command has ended, once: its status, or 128 and its signal. */
  public int waitFor() {
    return process.waitFor();
  }
}
