package io.unfreed.collector.live;

import io.unfreed.bpf.ffi.NativePath;
import java.nio.file.Path;

/**
 * How much memory the control groups of a process let it have: memory.max of cgroup v2, or v1's
 * memory.limit_in_bytes, the least of its group and those around it (cgroups(7)).
 */
final class MemoryLimit {
  /** What v1 says where there is none is near the largest number; no machine has so much. */
  private static final long NONE = 1L << 60;

  private static final String UNIFIED = "0::";

  private final Path root;

  /** Looks below a directory as below the root directory. */
  MemoryLimit(Path root) {
    this.root = root;
  }

  /** Bytes; null without a limit, or where it cannot be read. */
  static Long of(int tgid) {
    return new MemoryLimit(Path.of("/")).of(Integer.toString(tgid));
  }

  /** Of this process, whose groups a command that it starts will have. */
  static Long ofSelf() {
    return new MemoryLimit(Path.of("/")).of("self");
  }

  /** The same for a directory of /proc. */
  Long of(String process) {
    String groups = line("proc/" + process + "/cgroup");
    long least = Long.MAX_VALUE;
    for (String group : groups == null ? new String[0] : groups.split("\n", -1)) {
      String[] parts = group.split(":", 3);
      if (group.startsWith(UNIFIED)) {
        least = Math.min(least, least("sys/fs/cgroup", parts[2], "memory.max"));
        least = Math.min(least, least("sys/fs/cgroup/unified", parts[2], "memory.max"));
      } else if (parts.length > 2 && ("," + parts[1] + ",").contains(",memory,")) {
        least = Math.min(least, least("sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"));
      }
    }
    return least >= NONE ? null : (Long) least;
  }

  /** From the group up to the root; in a container the groups outside are not to be seen. */
  private long least(String mounted, String group, String file) {
    long least = Long.MAX_VALUE;
    if (group.startsWith("/..")) {
      return least; // it lies outside of what this process sees: what is here is of others
    }
    String at = group.equals("/") ? "" : group;
    while (true) {
      String text = line(mounted + at + "/" + file);
      if (text != null && text.matches("\\d{1,18}")) {
        least = Math.min(least, Long.parseLong(text));
      }
      int parent = at.lastIndexOf('/');
      if (parent < 0) {
        return least;
      }
      at = at.substring(0, parent);
    }
  }

  private String line(String file) {
    return ProcessFacts.line(NativePath.text(root) + "/" + file);
  }
}
