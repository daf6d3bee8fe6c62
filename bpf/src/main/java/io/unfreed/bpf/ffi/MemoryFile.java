package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code memfd_create(2)}: a file that is in no directory. It can be run and mapped where temporary
 * directories forbid that (noexec), and nothing is left of it whenever this process is killed.
 */
public final class MemoryFile implements AutoCloseable {
  private static final int MFD_CLOEXEC = 1;

  /** Since Linux 6.3; vm.memfd_noexec refuses it, or what does not say that it cannot be run. */
  private static final int MFD_EXEC = 0x10;

  private static final int MFD_NOEXEC_SEAL = 8;

  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Lower numbers are for a started program's pipes. */
  private static final int LOWEST = 10;

  private static final MethodHandle MEMFD_CREATE =
      bind(LibC.LIB, "memfd_create", of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FCNTL =
      bind(
          LibC.LIB,
          "fcntl",
          of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  private final int fd;

  private MemoryFile(int fd) {
    this.fd = fd;
  }

  /**
   * Makes one, which this process alone has.
   *
   * @param name as /proc shows it
   * @throws IOException when there are no descriptors or no memory
   */
  public static MemoryFile holding(String name, byte[] content) throws IOException {
    MemoryFile file = new MemoryFile(create(name));
    try {
      Files.write(file.path(), content, StandardOpenOption.WRITE);
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static int create(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      for (int flag : new int[] {MFD_EXEC, 0, MFD_NOEXEC_SEAL}) {
        int low = (int) MEMFD_CREATE.invokeExact(text, MFD_CLOEXEC | flag);
        if (low >= 0) {
          int fd = (int) FCNTL.invokeExact(low, F_DUPFD_CLOEXEC, LOWEST);
          LibC.close(low);
          if (fd >= 0) {
            return fd;
          }
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    }
    throw new IOException("no file in memory can be made");
  }

  /** Where this process and a child before its exec find it. */
  public Path path() {
    return Path.of("/proc/self/fd/" + fd);
  }

  /**
   * The same by another name, for this thread. The dynamic loader takes a library for one that it
   * has by its name, and numbers come again: after the collector's library was loaded by the one
   * name, and its file closed, that of another must have the other.
   */
  public Path pathOfThread() {
    return Path.of("/proc/thread-self/fd/" + fd);
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
