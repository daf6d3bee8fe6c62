package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.LINKER;
import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.stringOrNull;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.FunctionDescriptor.ofVoid;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The few functions of libc the other bindings need. */
public final class LibC {
  static final SymbolLookup LIB = LINKER.defaultLookup();
  private static final MethodHandle FREE = bind(LibC::inGlobalScope, "free", ofVoid(ADDRESS));
  private static final MethodHandle STRERROR = bind(LIB, "strerror", of(ADDRESS, JAVA_INT));

  private static final int O_CLOEXEC = 0x80000;
  private static final MethodHandle OPEN =
      bind(
          LIB,
          "open",
          of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2),
          Errno.CAPTURE);
  private static final MethodHandle CLOSE = bind(LIB, "close", of(JAVA_INT, JAVA_INT));

  private LibC() {}

  /**
   * As the libraries that allocate find it, by the order in which objects were loaded: an allocator
   * may be preloaded, and libc must not free its blocks.
   */
  private static Optional<MemorySegment> inGlobalScope(String name) {
    MethodHandle dlsym = bind(LIB, "dlsym", of(ADDRESS, ADDRESS, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found =
          (MemorySegment) dlsym.invokeExact(MemorySegment.NULL, arena.allocateFrom(name));
      return found.address() == 0 ? LIB.find(name) : Optional.of(found);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Opens a file to read; the kernel then finds this very file as /proc/self/fd/N. */
  public static int open(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      int fd = (int) OPEN.invokeExact(errno, arena.allocateFrom(path), O_CLOEXEC);
      if (fd < 0) {
        throw new IOException("opening " + path + " failed: " + Errno.describe(Errno.of(errno)));
      }
      return fd;
    } catch (IOException failed) {
      throw failed;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static void free(MemorySegment pointer) {
    try {
      FREE.invokeExact(pointer);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The text for an errno value, in the locale the JVM runs in. */
  public static String strerror(int errno) {
    try {
      return stringOrNull((MemorySegment) STRERROR.invokeExact(errno));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
