package io.unfreed.bpf.session;

import io.unfreed.bpf.ffi.ResourceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the JVM changes of itself when it starts and what its children inherit: its limit of open
 * files, raised to the most, and what of it is in core files. The launcher notes both before.
 */
final class CallersSettings {
  private static final String OPEN_FILES = System.getProperty("unfreed.open-files", "");
  private static final String CORE_FILTER = System.getProperty("unfreed.core-filter", "");

  private CallersSettings() {}

  /** Makes a process have them as the launcher found them; one that cannot have them goes on. */
  static void giveTo(int pid) {
    if (OPEN_FILES.matches("\\d{1,18}")) {
      ResourceLimits.lowerOpenFiles(pid, Long.parseLong(OPEN_FILES));
    }
    if (CORE_FILTER.matches("[0-9a-f]{1,16}")) {
      try {
        Files.writeString(Path.of("/proc/" + pid + "/coredump_filter"), "0x" + CORE_FILTER);
      } catch (IOException noCoreFiles) {
        // A kernel without them, or the process is gone.
      }
    }
  }
}
