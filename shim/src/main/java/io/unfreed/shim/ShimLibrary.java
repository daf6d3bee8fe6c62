package io.unfreed.shim;

import io.unfreed.bpf.ffi.MemoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The libraries that the build made, as class-path resources, and as files that can be loaded. */
public final class ShimLibrary {
  private static final String RECORDING = "libunfreed-shim.so";
  private static final String COLLECTING = "libunfreed-collector.so";

  private ShimLibrary() {}

  /** Why nothing can be recorded with the library here, in one line; empty when it can be tried. */
  public static Optional<String> unavailable() {
    return ShimLibrary.class.getResource(RECORDING) != null
        ? Optional.empty()
        : Optional.of(
            "this build has no recording library: it needs x86-64 Linux and a C compiler"
                + " with libc's headers (apt-get install gcc libc6-dev); then ./unfreed builds it");
  }

  /** The library that recorded processes load. */
  public static byte[] bytes() {
    return read(RECORDING);
  }

  /** Writes the library that recorded processes load into a directory, readable by everybody. */
  static Path install(Path directory) throws IOException {
    Path file = directory.resolve(RECORDING);
    Files.write(file, read(RECORDING));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
    return file;
  }

  /** The collector's own library, loaded. */
  public static NativeSide nativeSide() throws IOException {
    try (MemoryFile file = MemoryFile.holding("unfreed-collector", read(COLLECTING))) {
      return NativeSide.load(file.path());
    } catch (IllegalArgumentException e) {
      throw new IOException(COLLECTING + ": cannot be loaded: " + e.getMessage(), e);
    }
  }

  private static byte[] read(String name) {
    try (InputStream in = ShimLibrary.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(unavailable().orElse(name));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }
}
