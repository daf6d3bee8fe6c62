package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A command held before its exec. A shell of ours waits at a pipe, then execs the command in its
 * own process, so the tgid is known and probed before the command's first instruction. If this
 * process dies, the pipe ends and the shell with it; once the command runs, nothing of ours is left
 * in it.
 */
public final class LaunchedCommand {
  private static final String GATE = "echo >&8; exec 8>&-; read -r go <&9 || exit 125; exec 9<&-; ";

  private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Leaves functions and all else in the environment as they are, and reads no file. */
  private static final List<String> BASH = List.of("/bin/bash", "-p");

  private static final List<String> SHELL = List.of("/bin/sh");

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
   * Starts the shell.
   *
   * @param files that the command will map, if they are known
   * @param environment variables for the command that the shell itself is started without
   */
  public static LaunchedCommand start(
      List<String> command, List<Path> files, Map<String, String> environment) throws IOException {
    List<String> shell = shell();
    List<String> arguments = new ArrayList<>(shell);
    arguments.addAll(List.of("-c", "", "sh"));
    StringBuilder exports = new StringBuilder();
    environment.forEach((name, value) -> {
      exports.append("export ").append(name).append("=\"$1\"; shift; ");
      arguments.add(value);
    });
    arguments.set(
        shell.size() + 1, GATE + exports + (shell.equals(BASH) ? "exec -- " : "exec ") + "\"$@\"");
    arguments.addAll(command);
    SpawnedProcess process = SpawnedProcess.start(shell.getFirst(), arguments);
    if (!process.awaitReady()) {
      process.closeGate();
      throw new IOException("the shell that starts the command ended with " + process.waitFor());
    }
    return new LaunchedCommand(process, List.copyOf(files));
  }

  /** Most shells drop variables whose names are none to them, like {@code a.b}; bash does not. */
  private static List<String> shell() {
    boolean plain =
        System.getenv().keySet().stream().allMatch(name -> SHELL_NAME.matcher(name).matches());
    return plain || !Files.isExecutable(Path.of(BASH.getFirst())) ? SHELL : BASH;
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
