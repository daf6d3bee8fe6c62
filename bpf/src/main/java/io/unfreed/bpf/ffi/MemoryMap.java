package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.BpfException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code sys/mman.h}: shared mappings of a file descriptor, unmapped when their arena closes. */
public final class MemoryMap {
  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;

  private static final MethodHandle MMAP =
      bind(
          LibC.LIB,
          "mmap",
          of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
          Errno.CAPTURE);
  private static final MethodHandle MUNMAP =
      bind(LibC.LIB, "munmap", of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle PAGE_SIZE = bind(LibC.LIB, "getpagesize", of(JAVA_INT));

  private MemoryMap() {}

  public static long pageBytes() {
    try {
      return (int) PAGE_SIZE.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Maps a part of a file for the life of an arena. */
  public static MemorySegment map(Arena owner, int fd, long offset, long bytes, int protection) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment mapped =
          (MemorySegment)
              MMAP.invokeExact(
                  errno, MemorySegment.NULL, bytes, protection, MAP_SHARED, fd, offset);
      if (mapped.address() == -1) {
        throw new BpfException("mapping memory failed: " + Errno.describe(Errno.of(errno)));
      }
      return mapped.reinterpret(bytes, owner, MemoryMap::unmap);
    } catch (BpfException failed) {
      throw failed;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static void unmap(MemorySegment mapped) {
    try {
      int error = (int) MUNMAP.invokeExact(mapped, mapped.byteSize());
      assert error == 0;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
