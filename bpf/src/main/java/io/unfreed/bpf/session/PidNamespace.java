package io.unfreed.bpf.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose numbers of processes are seen here: the kernel side knows those of the host alone. */
public final class PidNamespace {
  /** The first one's number (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
  private static final String FIRST = "pid:[4026531836]";

  private static final Path OWN = Path.of("/proc/self/ns/pid");

  private PidNamespace() {}

  /** Whether they are the host's; false when that cannot be known. */
  static boolean isKnownAsHosts() {
    try {
      return Files.readSymbolicLink(OWN).toString().equals(FIRST);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /** Whether they are another's: the host's process of that number would be recorded. */
  public static boolean isForeign() {
    return Files.isSymbolicLink(OWN) && !isKnownAsHosts();
  }
}
