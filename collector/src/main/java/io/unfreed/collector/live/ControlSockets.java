package io.unfreed.collector.live;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Where running recordings listen: a socket per session, named by its id, for their user only. */
final class ControlSockets {
  static final String SUFFIX = ".sock";

  private ControlSockets() {}

  /** The directory of this user. */
  static Path directory() {
    String user = System.getProperty("user.name");
    Path run = Path.of("/run");
    if (Files.isWritable(run)) {
      return run.resolve("unfreed");
    }
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return runtime != null
        ? Path.of(runtime, "unfreed")
        : Path.of(System.getProperty("java.io.tmpdir"), "unfreed-" + user);
  }

  static Path prepared() throws IOException {
    return prepared(directory());
  }

  /** Where they are until they listen. */
  static Path starting() throws IOException {
    return prepared(directory().resolve("starting"));
  }

  private static Path prepared(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return directory;
  }

  /** Sockets of sessions, newest first: the ids are ordered by time. */
  static List<Path> newestFirst() throws IOException {
    List<Path> sockets = new ArrayList<>();
    if (Files.isDirectory(directory())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory(), "*" + SUFFIX)) {
        files.forEach(sockets::add);
      }
    }
    sockets.sort(null);
    return sockets.reversed();
  }

  static String session(Path socket) {
    String name = socket.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }
}
