package io.unfreed.bpf.symbols;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An executable mapping of a file in a process, a line of /proc/PID/maps.
 *
 * @param path as the process sees it
 * @param deleted the file is gone from its directory
 */
public record MappedObject(
    int tgid,
    long start,
    long end,
    long fileOffset,
    String device,
    long inode,
    String path,
    boolean deleted) {

  /**
   * A path that opens this very file from here: through the process's root, or, where that shows
   * another file or none, through the mapping itself.
   */
  public Path openable() {
    Path own = Path.of("/proc/" + tgid + "/root" + path);
    if (!deleted && sameInode(own)) {
      return Path.of(path).equals(resolved(own)) ? Path.of(path) : own;
    }
    return Path.of(
        "/proc/%d/map_files/%x-%x".formatted(tgid, start, end));
  }

  private Path resolved(Path own) {
    // The short path when it names the same file in our own namespace.
    return sameInode(Path.of(path)) ? Path.of(path) : own;
  }

  private boolean sameInode(Path file) {
    try {
      return inode == ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    } catch (java.io.IOException | UnsupportedOperationException unreadable) {
      return false;
    }
  }
}
