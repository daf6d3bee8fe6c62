package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code sys/resource.h}: limits of this process and of others. */
public final class ResourceLimits {
  private static final int RLIMIT_NOFILE = 7;

  private static final MethodHandle PRLIMIT =
      bind(LibC.LIB, "prlimit", of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  private ResourceLimits() {}

  /** How many files this process may have open. */
  public static long openFiles() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(JAVA_LONG, 2); // struct rlimit: soft, hard
      int error = (int) PRLIMIT.invokeExact(0, RLIMIT_NOFILE, MemorySegment.NULL, limit);
      long soft = limit.getAtIndex(JAVA_LONG, 0);
      return error != 0 || soft < 0 ? Long.MAX_VALUE : soft;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Gives a process a soft limit of open files; never more than its hard one. */
  public static void lowerOpenFiles(int pid, long files) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment limit = arena.allocate(JAVA_LONG, 2); // struct rlimit: soft, hard
      if ((int) PRLIMIT.invokeExact(pid, RLIMIT_NOFILE, MemorySegment.NULL, limit) == 0
          && Long.compareUnsigned(files, limit.getAtIndex(JAVA_LONG, 0)) < 0) {
        limit.setAtIndex(JAVA_LONG, 0, files);
        int ignored = (int) PRLIMIT.invokeExact(pid, RLIMIT_NOFILE, limit, MemorySegment.NULL);
      }
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
