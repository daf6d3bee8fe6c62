package io.unfreed.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person is watching: only then progress is shown on stderr, and colours on stdout. */
public final class Terminals {
  private Terminals() {}

  /** Whether somebody watches stderr. */
  public static boolean isErrTerminal() {
    return isTerminal("/proc/self/fd/2");
  }

  static boolean isOutTerminal() {
    return isTerminal("/proc/self/fd/1");
  }

  private static boolean isTerminal(String descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of(descriptor)).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
