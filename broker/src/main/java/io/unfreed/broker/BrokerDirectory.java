package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory of a broker, readable by its owner only.
 *
 * <pre>
 *   D/unfreed.lock      held while a process runs the broker; also says that the directory is ours
 *   D/broker.address    where that broker listens, and what its clients must know
 *   D/broker.port       its port, the same at the next start if nobody else has it then
 *   D/broker.secret     that secret, the same at every start
 *   D/kafka/            what Kafka keeps; it exists only when completely formatted
 * </pre>
 *
 * @param path the absolute path
 * @param kept whether it outlives the broker
 */
record BrokerDirectory(Path path, boolean kept) {
  private static final String LOCK = TemporaryDirectory.LOCK;
  private static final String TEMPORARY_PREFIX = "unfreed-broker-";
  private static final long MIN_FREE_BYTES = 32L << 20;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> MODE_0700 =
      PosixFilePermissions.asFileAttribute(OWNER_ONLY);

  /** A new directory under {@code java.io.tmpdir}, where those of killed processes go. */
  static BrokerDirectory temporary() {
    TemporaryDirectory.sweep(TEMPORARY_PREFIX);
    try {
      return checked(
          new BrokerDirectory(Files.createTempDirectory(TEMPORARY_PREFIX, MODE_0700), false));
    } catch (IOException e) {
      throw new BrokerException(
          "cannot create a temporary data directory in %s: %s"
              .formatted(System.getProperty("java.io.tmpdir"), Causes.line(e)),
          e);
    }
  }

  /** The directory the user named: new, empty, or one of ours. Anything else is refused. */
  static BrokerDirectory kept(Path named) {
    Path path = named.toAbsolutePath().normalize();
    try {
      if (!Files.isDirectory(path)) {
        create(path);
      }
      return checked(new BrokerDirectory(path.toRealPath(), true));
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  private static void create(Path path) throws IOException {
    try {
      if (path.getParent() != null) {
        Files.createDirectories(path.getParent());
      }
      Files.createDirectory(path, MODE_0700);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(path)) {
        throw new BrokerException(
            "data directory %s: %s is not a directory".formatted(path, e.getFile()), e);
      }
    }
  }

  private static BrokerDirectory checked(BrokerDirectory directory) throws IOException {
    Path path = directory.path;
    if (!Files.isReadable(path) || !Files.isWritable(path) || !Files.isExecutable(path)) {
      throw new BrokerException("data directory %s: permission denied".formatted(path));
    }
    if (!Files.exists(directory.lockFile())) {
      refuseForeign(path);
      Files.setPosixFilePermissions(path, OWNER_ONLY);
    }
    return directory;
  }

  private static void refuseForeign(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      Optional<String> foreign =
          entries.map(entry -> entry.getFileName().toString()).sorted().findFirst();
      if (foreign.isPresent()) {
        throw new BrokerException(
            "data directory %s: holds something else (%s); name a new or an empty directory"
                .formatted(path, foreign.get()));
      }
    }
  }

  Path lockFile() {
    return path.resolve(LOCK);
  }

  Path addressFile() {
    return path.resolve("broker.address");
  }

  /**
   * The port of the last time. Whoever starts the broker again takes the same one: then who has
   * known it goes on.
   */
  OptionalInt lastPort() {
    try {
      int port = Integer.parseInt(Files.readString(portFile()).strip());
      return port > 0 && port <= 0xFFFF ? OptionalInt.of(port) : OptionalInt.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  void rememberPort(int port) {
    if (kept) {
      Quietly.close(() -> Files.writeString(portFile(), port + "\n"));
    }
  }

  /** Whether this process runs as the one who made it. */
  boolean isOurs() throws IOException {
    return FileTree.isOurs(path);
  }

  private Path portFile() {
    return path.resolve("broker.port");
  }

  Path secretFile() {
    return path.resolve("broker.secret");
  }

  Path logDirectory() {
    return path.resolve("kafka");
  }

  /**
   * Formats the directory unless it is formatted.
   *
   * @return the cluster id
   */
  String format() {
    try {
      requireSpace();
      if (!Files.exists(logDirectory())) {
        Path draft = path.resolve("kafka.new");
        FileTree.delete(draft);
        Files.createDirectory(draft, MODE_0700);
        NodeStorage.format(draft);
        Files.move(draft, logDirectory());
      }
      return NodeStorage.clusterId(logDirectory());
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  private void requireSpace() throws IOException {
    long free = usableBytes();
    if (free < MIN_FREE_BYTES) {
      throw new BrokerException(
          "data directory %s: no space left on the device: %d kB free, %d kB needed"
              .formatted(path, free >> 10, MIN_FREE_BYTES >> 10));
    }
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /** Removes a temporary directory; a kept one stays. */
  void discard() {
    if (!kept) {
      FileTree.delete(path);
    }
  }

  static BrokerException failure(Path path, Exception e) {
    return new BrokerException("data directory %s: %s".formatted(path, Causes.line(e)), e);
  }
}
