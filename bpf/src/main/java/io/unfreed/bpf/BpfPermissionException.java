package io.unfreed.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel said EPERM or EACCES; names the capabilities this process lacks. */
public final class BpfPermissionException extends BpfException {
  private static final long serialVersionUID = 1L;
  private static final int CAP_SYS_PTRACE = 19;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  public BpfPermissionException(String operation) {
    super(operation + " is not permitted: " + advice());
  }

  /**
   * The capabilities recording needs and this process has not; empty for root. CAP_SYS_PTRACE is
   * among them, which is needed for other users' processes only.
   */
  public static List<String> missingCapabilities() {
    long effective = effectiveCapabilities();
    List<String> missing = new ArrayList<>();
    if (!has(effective, CAP_SYS_ADMIN)) { // to the kernel it means these two as well
      addUnless(effective, CAP_BPF, "CAP_BPF", missing);
      addUnless(effective, CAP_PERFMON, "CAP_PERFMON", missing);
    }
    addUnless(effective, CAP_SYS_PTRACE, "CAP_SYS_PTRACE", missing);
    return missing;
  }

  /** Whether nothing at all can be recorded by probes. */
  public static boolean forbidsAll() {
    return missingCapabilities().stream().anyMatch(name -> !name.equals("CAP_SYS_PTRACE"));
  }

  private static String advice() {
    List<String> missing = missingCapabilities();
    return missing.isEmpty() || !forbidsAll()
        ? has(effectiveCapabilities(), CAP_SYS_ADMIN)
            ? "this process has the capabilities, so look for a lockdown, a container's seccomp"
                + " profile or a memlock limit"
            : "this process has CAP_BPF and CAP_PERFMON; a kernel before 6.6, or"
                + " one of the first with uprobe_multi links, may want CAP_SYS_ADMIN as well"
                + " (run as root); else look for a lockdown or a container's seccomp profile"
        : "missing " + String.join(", ", missing) + "; run as root";
  }

  private static void addUnless(long set, int bit, String name, List<String> missing) {
    if (!has(set, bit)) {
      missing.add(name);
    }
  }

  private static boolean has(long set, int bit) {
    return (set >> bit & 1) != 0;
  }

  private static long effectiveCapabilities() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("CapEff:")) {
          return Long.parseUnsignedLong(line.substring(7).strip(), 16);
        }
      }
    } catch (IOException noProc) {
      // Without /proc nothing is known; name them all.
    }
    return 0;
  }
}
