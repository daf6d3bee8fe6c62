package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command held before its exec. A starter of ours waits at a pipe, then execs the command in its
 * own process, so the tgid is known and probed before the command's first instruction. If this
 * process dies, the pipe ends and the starter with it; once the command runs, nothing of ours is
 * left in it.
 */
public final class LaunchedCommand {
  private final SpawnedProcess process;
  private final List<Path> files;
  private AttachReport report;

  private LaunchedCommand(SpawnedProcess process, List<Path> files) {
    this.process = process;
    this.files = files;
  }

  static LaunchedCommand start(List<String> command, List<Path> files) throws IOException {
    return start(command, files, Map.of());
  }

  /**
   * Starts the starter.
   *
   * @param files that the command will map, if they are known
   * @param environment variables for the command that the starter itself is started without
   */
  public static LaunchedCommand start(
      List<String> command, List<Path> files, Map<String, String> environment) throws IOException {
    Optional<SpawnedProcess> started = StarterProgram.start(command, environment);
    SpawnedProcess process =
        started.isPresent() ? started.get() : StarterShell.start(command, environment);
    CallersSettings.giveTo(process.pid());
    return new LaunchedCommand(process, List.copyOf(files));
  }

  public int tgid() {
    return process.pid();
  }

  /**
   * The objects it will map at its start: hold them in an {@link
   * io.unfreed.bpf.symbols.ObjectSymbolCache}, for the command may end before its maps can be read.
   */
  public List<Path> files() {
    return files;
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

  /** Ends the waiting starter instead; the command never starts. */
  public void abandon() {
    process.closeGate();
    process.waitFor();
  }

  /** Blocks until the command has ended, once: its status, or 128 and its signal. */
  public int waitFor() {
    return process.waitFor();
  }
}
