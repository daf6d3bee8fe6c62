package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A directory that lives as long as this process, whatever way it ends: a lock in it is held until
 * then, and what a killed process left is removed by the next one that makes such a directory.
 */
public final class TemporaryDirectory implements AutoCloseable {
  static final String LOCK = "unfreed.lock";

  /** Longer than it takes to lock a directory that was just made. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Path path;
  private final DirectoryLock lock;

  private TemporaryDirectory(Path path, DirectoryLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /** A new one, for this user only. */
  public static TemporaryDirectory create(String prefix) throws IOException {
    sweep(prefix);
    Path path =
        Files.createTempDirectory(
            prefix,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Optional<DirectoryLock> lock = DirectoryLock.tryTake(path.resolve(LOCK));
    return new TemporaryDirectory(
        path, lock.orElseThrow(() -> new IOException(path + " is in use")));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /**
   * Removes this user's directories of a prefix whose process has died: the kernel gave their lock
   * back. What cannot be removed, or has no lock, is left alone.
   */
  static void sweep(String prefix) {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path directory : found) {
        removeIfDead(directory);
      }
    } catch (IOException unreadable) {
      // Then nothing of ours is there to be found.
    }
  }

  private static void removeIfDead(Path directory) {
    Path file = directory.resolve(LOCK);
    try {
      boolean ours =
          Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
              && FileTree.isOurs(directory)
              && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
      Instant settled = Instant.now().minus(SETTLED);
      if (!ours || Files.getLastModifiedTime(file).toInstant().isAfter(settled)) {
        return;
      }
      Optional<DirectoryLock> lock = DirectoryLock.tryTake(file);
      if (lock.isPresent()) {
        FileTree.delete(directory);
        lock.get().close();
      }
    } catch (IOException goneMeanwhile) {
      // Somebody else swept it.
    }
  }

  @Override
  public void close() {
    FileTree.delete(path);
    lock.close();
  }
}
