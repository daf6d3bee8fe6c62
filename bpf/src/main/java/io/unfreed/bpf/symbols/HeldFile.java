package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.ffi.ResourceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file that is read through mappings of it, held open so that it can be asked whether somebody
 * has written into it since. Then nothing may be read of it any more: behind its new end a read is
 * a SIGBUS, which ends the JVM when it happens in a library, and what lies before it is other code.
 * One that is replaced, as package managers do, stays what it was; but not where half of the
 * descriptors that this process may have are taken, as by the files of a whole build: then none is
 * held, its path is asked, and what is replaced counts as written to.
 */
final class HeldFile implements AutoCloseable {
  private static final int NONE = -1;

  private final int fd;
  private final Path asked;
  private final Map<String, Object> was;
  private boolean changed;
  private boolean closed;

  private HeldFile(int fd, Path asked) throws IOException {
    this.fd = fd;
    this.asked = asked;
    this.was = facts();
  }

  static HeldFile of(Path file) throws IOException {
    return of(file, ResourceLimits.openFiles() / 2);
  }

  /**
   * The same.
   *
   * @param most descriptors, for all that this process does; the next number tells how many it has
   */
  static HeldFile of(Path file, long most) throws IOException {
    int fd = LibC.open(NativePath.text(file));
    try {
      if (fd < most) {
        return new HeldFile(fd, Path.of("/proc/self/fd/" + fd));
      }
    } catch (IOException gone) {
      LibC.close(fd);
      throw gone;
    }
    LibC.close(fd);
    return new HeldFile(NONE, file);
  }

  private Map<String, Object> facts() throws IOException {
    return Files.readAttributes(asked, "unix:dev,ino,size,lastModifiedTime");
  }

  /** Whether it was written to since {@link #of}; once so, for ever. */
  boolean hasChanged() {
    if (!changed) {
      try {
        changed = !facts().equals(was);
      } catch (IOException unreadable) {
        changed = true;
      }
    }
    return changed;
  }

  @Override
  public void close() {
    if (!closed && fd != NONE) {
      LibC.close(fd);
    }
    closed = true;
  }
}
