package io.unfreed.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to run the broker of a directory. The kernel takes it back when the process dies, so a
 * lock is never stale.
 */
final class DirectoryLock implements AutoCloseable {
  /**
   * POSIX drops all locks of a process on a file when the process closes any descriptor of it, so a
   * second attempt in this process must not even open the file. State of the process, as the lock
   * is.
   */
  private static final Set<Path> HELD_BY_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock if nobody has it.
   *
   * @param file the lock file, in a directory that exists; it is created if need be and stays
   */
  static Optional<DirectoryLock> tryTake(Path file) throws IOException {
    Path real = file.getParent().toRealPath().resolve(file.getFileName());
    if (!HELD_BY_THIS_PROCESS.add(real)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel = FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
      return lock == null ? Optional.empty() : Optional.of(new DirectoryLock(real, channel));
    } finally {
      if (lock == null) {
        Quietly.close(channel);
        HELD_BY_THIS_PROCESS.remove(real);
      }
    }
  }

  @Override
  public void close() {
    Quietly.close(channel);
    HELD_BY_THIS_PROCESS.remove(file);
  }
}
