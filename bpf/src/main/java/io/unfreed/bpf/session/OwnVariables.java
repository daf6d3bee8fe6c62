package io.unfreed.bpf.session;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Variables of this process with the names of files in them, as UTF-8: the JDK reads them in the
 * locale's charset, in which they may be no texts.
 */
final class OwnVariables {
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

  private OwnVariables() {}

  /** A variable's value, or the other where it is not set. */
  static String get(String name, String other) {
    try {
      for (String variable : ProcText.read(ENVIRONMENT).split("\0")) {
        if (variable.startsWith(name + "=")) {
          return variable.substring(name.length() + 1);
        }
      }
      return other;
    } catch (IOException unreadable) {
      return System.getenv().getOrDefault(name, other);
    }
  }
}
