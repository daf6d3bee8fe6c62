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
 * A shell that waits and execs a command, where {@link StarterProgram} cannot run. Shells change
 * some variables: dash sets PWD, IFS, OPTIND and PPID; bash also drops OLDPWD, sets SHLVL, PS4 and
 * its own, and warns of a locale that is not there.
 */
final class StarterShell {
  private static final String GATE =
      "echo >&R; exec R>&-; read -r go <&G || exit 125; exec G<&-; "
          .replace("R", Integer.toString(SpawnedProcess.READY_FD))
          .replace("G", Integer.toString(SpawnedProcess.GATE_FD));

  private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Takes no function from the environment and reads no file. */
  private static final List<String> BASH = List.of("/bin/bash", "-p");

  private static final List<String> SHELL = List.of("/bin/sh");

  private StarterShell() {}

  /** Starts it, until it waits. */
  static SpawnedProcess start(List<String> command, Map<String, String> environment)
      throws IOException {
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
    return process;
  }

  /** Most shells drop variables whose names are none to them, like {@code a.b}; bash does not. */
  private static List<String> shell() {
    boolean plain =
        System.getenv().keySet().stream().allMatch(name -> SHELL_NAME.matcher(name).matches());
    return plain || !Files.isExecutable(Path.of(BASH.getFirst())) ? SHELL : BASH;
  }
}
