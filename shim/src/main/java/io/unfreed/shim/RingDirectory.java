package io.unfreed.shim;

import io.unfreed.shim.arena.ArenaSettings;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Two directories of one recording: in memory the file with the rings, on something that may be
 * executed the library. Others may pass through them but not list them; the names in them cannot be
 * guessed, and reach a recorded program by its environment. Directories of recorders that were
 * killed are removed by the next: the kernel gave their lock back.
 */
public final class RingDirectory implements AutoCloseable {
  /** Where the rings go instead of {@code /dev/shm}. */
  public static final String RINGS_VARIABLE = "UNFREED_RING_DIR";

  private static final String PREFIX = "unfreed-rings-";
  private static final String HIDDEN = ".";
  private static final String LOCK = "lock";
  private static final int FILE_MODE = 0666;

  private final Path rings;
  private Path library;
  private final List<FileChannel> locks = new ArrayList<>();
  private final Path libraryFile;
  private final Path arenaFile;

  private RingDirectory(NativeSide machine) throws IOException {
    String chosen = System.getenv(RINGS_VARIABLE);
    // Whoever is recorded may be in another directory when it looks for them.
    Path memory = Path.of(chosen != null ? chosen : "/dev/shm").toAbsolutePath();
    removeLeft(memory);
    rings = make(memory);
    arenaFile = rings.resolve(secretName());
    try {
      libraryFile = install(machine);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /**
   * Makes them.
   *
   * @throws IOException in one line, naming the directory that cannot be written or run from
   */
  public static RingDirectory make(NativeSide machine) throws IOException {
    return new RingDirectory(machine);
  }

  /** The library, in the first directory whose files may be run: temporary ones often forbid it. */
  private Path install(NativeSide machine) throws IOException {
    IOException first = null;
    for (Path parent : forLibrary()) {
      try {
        removeLeft(parent);
        library = make(parent);
        Path file =
            ShimLibrary.install(Files.createDirectory(library.resolve(secretName()), searchable()));
        if (machine.mayRun(file)) {
          return file;
        }
        throw new IOException(
            parent + ": the recording library may not be run from there (mounted noexec?)");
      } catch (IOException e) {
        if (library != null) {
          remove(library);
          library = null;
        }
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  private static List<Path> forLibrary() {
    List<Path> parents = new ArrayList<>();
    parents.add(Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    parents.add(Path.of("/var/tmp"));
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null && runtime.startsWith("/")) {
      parents.add(Path.of(runtime));
    }
    parents.add(Path.of(System.getProperty("user.home"), ".cache").toAbsolutePath());
    // The loader takes LD_PRELOAD apart at these.
    parents.removeIf(parent -> parent.toString().matches(".*[ :].*"));
    return parents;
  }

  /** The shared memory, to be closed before this. */
  public SharedArena arena(NativeSide machine, ArenaSettings settings) throws IOException {
    return SharedArena.create(machine, arenaFile, FILE_MODE, settings);
  }

  /** The file of the shared memory, as its mapping is named. */
  public Path arenaFile() {
    return arenaFile;
  }

  /** What a command's environment must have: the library, ahead of what it preloads already. */
  public Map<String, String> environment() {
    String preload = System.getenv("LD_PRELOAD");
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("UNFREED_SHIM", arenaFile.toString());
    variables.put(
        "LD_PRELOAD",
        preload == null || preload.isBlank()
            ? libraryFile.toString()
            : libraryFile + ":" + preload);
    return variables;
  }

  /** It gets its name when it is locked: another recorder removes what has the name and no lock. */
  private Path make(Path parent) throws IOException {
    Path directory = null;
    try {
      directory = Files.createTempDirectory(parent, HIDDEN + PREFIX, searchable());
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
      FileChannel lock =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locks.add(lock);
      if (lock.tryLock() == null) {
        throw new IOException("somebody else has locked it");
      }
      String name = directory.getFileName().toString().substring(HIDDEN.length());
      return Files.move(directory, parent.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (directory != null) {
        remove(directory); // nobody finds it by this name
      }
      throw new IOException(parent + ": no directory for rings can be made there: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName();
    return e.getMessage() == null || e instanceof java.nio.file.FileSystemException
        ? name.replaceAll("Exception$", "")
            .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
            .toLowerCase(java.util.Locale.ROOT)
        : e.getMessage();
  }

  private static java.nio.file.attribute.FileAttribute<?> searchable() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static String secretName() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void removeLeft(Path parent) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : left) {
        try (FileChannel lock =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
            FileLock taken = lock.tryLock()) {
          if (taken != null) {
            remove(directory);
          }
        } catch (IOException | java.nio.channels.OverlappingFileLockException inUse) {
          // Another user's, or one that is being made.
        }
      }
    } catch (IOException unreadable) {
      // Making ours will say so.
    }
  }

  private static void remove(Path directory) {
    try (java.util.stream.Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | java.io.UncheckedIOException stays) {
      // The next recorder tries again.
    }
  }

  @Override
  public void close() {
    if (rings != null) {
      remove(rings);
    }
    if (library != null) {
      remove(library);
    }
    for (FileChannel lock : locks) {
      try {
        lock.close();
      } catch (IOException closed) {
        // Nothing was written to it.
      }
    }
  }
}
