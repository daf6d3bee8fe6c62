package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.LibC;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * A file that is read through mappings of it, held open so that it can be asked whether somebody
 * has written into it since. Then nothing may be read of it any more: behind its new end a read is
 * a SIGBUS, which ends the JVM when it happens in a library, and what lies before it is other code.
 * One that is replaced, as package managers do, stays what it was.
 */
final class HeldFile implements AutoCloseable {
  private final int fd;
  private final Path open;
  private final long bytes;
  private final FileTime written;
  private boolean changed;
  private boolean closed;

  private HeldFile(int fd) throws IOException {
    this.fd = fd;
    this.open = Path.of("/proc/self/fd/" + fd);
    BasicFileAttributes now = Files.readAttributes(open, BasicFileAttributes.class);
    this.bytes = now.size();
    this.written = now.lastModifiedTime();
  }

  static HeldFile of(Path file) throws IOException {
    int fd = LibC.open(file.toString());
    try {
      return new HeldFile(fd);
    } catch (IOException gone) {
      LibC.close(fd);
      throw gone;
    }
  }

  /** Whether it was written to since {@link #of}; once so, for ever. */
  boolean hasChanged() {
    if (!changed) {
      try {
        BasicFileAttributes now = Files.readAttributes(open, BasicFileAttributes.class);
        changed = now.size() != bytes || !now.lastModifiedTime().equals(written);
      } catch (IOException unreadable) {
        changed = true;
      }
    }
    return changed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibC.close(fd);
    }
  }
}
