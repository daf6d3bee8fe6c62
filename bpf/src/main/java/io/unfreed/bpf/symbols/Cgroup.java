package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A control group of the second version, as the kernel side knows it.
 *
 * @param id its directory's inode number
 * @param level its depth below the root, which is 0
 * @param path from the root, with a slash in front
 */
public record Cgroup(long id, int level, String path) {
  /** Of the host's own namespace; linux/proc_ns.h, PROC_CGROUP_INIT_INO. */
  private static final long FIRST_NAMESPACE = 0xEFFF_FFFBL;

  /**
   * A group by its directory, or by its path as /proc/PID/cgroup tells it.
   *
   * @throws IOException when there is none, in one line
   */
  public static Cgroup of(String name) throws IOException {
    if (isInNamespace()) {
      throw new IOException(
          name
              + ": this process is in a control group namespace, where the kernel's levels cannot be"
              + " told; run it in that of the host (--cgroupns host)");
    }
    Path root =
        root().orElseThrow(() -> new IOException("this host has no cgroup2 file system mounted"));
    Path given = NativePath.of(name);
    Path directory =
        given.startsWith(root) ? given : root.resolve(NativePath.of(name.replaceFirst("^/+", "")));
    if (!Files.isRegularFile(directory.resolve("cgroup.procs"))) {
      throw new IOException(name + ": no control group (of version 2) below " + root);
    }
    Path real = root.toRealPath().relativize(directory.toRealPath());
    int level = real.toString().isEmpty() ? 0 : real.getNameCount();
    long id = ((Number) Files.getAttribute(directory, "unix:ino")).longValue();
    return new Cgroup(id, level, NativePath.text(Path.of("/").resolve(real)));
  }

  /** Whether a process is in it, or in one below; false when that is gone. */
  public boolean has(int tgid) {
    try {
      for (String line : ProcText.lines(Path.of("/proc/" + tgid + "/cgroup"))) {
        if (line.startsWith("0::")) {
          String of = line.substring(3);
          return path.equals("/") || of.equals(path) || of.startsWith(path + "/");
        }
      }
    } catch (IOException gone) {
      return false;
    }
    return false;
  }

  /** Whether what is seen here as the root is a group of the host's. */
  private static boolean isInNamespace() throws IOException {
    Path own = Path.of("/proc/self/ns/cgroup");
    return Files.exists(own)
        && !Files.readSymbolicLink(own).toString().equals("cgroup:[" + FIRST_NAMESPACE + "]");
  }

  private static Optional<Path> root() throws IOException {
    for (String line : ProcText.lines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ");
      if (fields[2].equals("cgroup2")) {
        return Optional.of(NativePath.of(fields[1]));
      }
    }
    return Optional.empty();
  }
}
