package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
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
   * A path that opens this very file from here: its own path when that is the same file in our
   * mount namespace, which goes on working when the process has exited; else through the process's
   * root; else through the mapping itself.
   */
  public Path openable() {
    Path here = NativePath.of(path);
    Path there = NativePath.of("/proc/" + tgid + "/root" + path);
    if (!deleted && hasInode(here) && (!Files.exists(there) || sameFile(here, there))) {
      return here;
    }
    if (!deleted && hasInode(there)) {
      return there;
    }
    return Path.of("/proc/%d/map_files/%x-%x".formatted(tgid, start, end));
  }

  private boolean hasInode(Path file) {
    try {
      return inode == ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    } catch (IOException | UnsupportedOperationException unreadable) {
      return false;
    }
  }

  private static boolean sameFile(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException gone) {
      return false;
    }
  }
}
