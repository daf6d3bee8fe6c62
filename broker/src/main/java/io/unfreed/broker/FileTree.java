package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Tells directories of ours and deletes them with all they hold; links are never followed. */
final class FileTree {
  private static final int ATTEMPTS = 5;

  private FileTree() {}

  /** Whether a file is this user's. */
  static boolean isOurs(Path file) throws IOException {
    return Files.getOwner(file).getName().equals(System.getProperty("user.name"));
  }

  /**
   * Deletes what is there; a broker that still dies may add a file meanwhile, hence the attempts.
   */
  static void delete(Path root) {
    for (int i = 0; i < ATTEMPTS && Files.exists(root); i++) {
      try {
        Files.walkFileTree(root, new Deleter());
      } catch (IOException e) {
        System.getLogger(FileTree.class.getName()).log(System.Logger.Level.DEBUG, "delete", e);
      }
    }
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
      if (e != null) {
        throw e;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
