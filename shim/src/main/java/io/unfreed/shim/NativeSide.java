package io.unfreed.shim;

import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** {@code collector.c}: what the collector needs of the machine and Java does not offer. */
public final class NativeSide {
  private final MethodHandle stamp;
  private final MethodHandle barrier;
  private final MethodHandle create;
  private final MethodHandle resize;
  private final MethodHandle allocate;
  private final MethodHandle discard;
  private final MethodHandle close;
  private final MethodHandle duplicate;
  private final MethodHandle await;
  private final MethodHandle wake;
  private final MethodHandle lower;
  private final MethodHandle pidNamespace;
  private final MethodHandle mapCode;

  private NativeSide(SymbolLookup library) {
    FunctionDescriptor part = of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    stamp = bind(library, "stamp", of(JAVA_LONG), Linker.Option.critical(false));
    barrier = bind(library, "barrier", of(JAVA_INT));
    create = bind(library, "create", of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    resize = bind(library, "resize", of(JAVA_INT, JAVA_INT, JAVA_LONG));
    allocate = bind(library, "allocate", part);
    discard = bind(library, "discard", part);
    close = bind(library, "close", of(JAVA_INT, JAVA_INT));
    duplicate = bind(library, "duplicate", of(JAVA_INT, JAVA_INT));
    await = bind(library, "wait", of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
    wake = bind(library, "wake", of(JAVA_INT, ADDRESS));
    lower = bind(library, "lower", of(JAVA_INT, JAVA_INT, JAVA_INT));
    pidNamespace = bind(library, "pid_namespace", of(JAVA_LONG));
    mapCode = bind(library, "map_code", of(JAVA_INT, ADDRESS));
  }

  private static MethodHandle bind(
      SymbolLookup library, String name, FunctionDescriptor type, Linker.Option... options) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow("unfreed_" + name), type, options);
  }

  /** Loads the library; it stays loaded. */
  static NativeSide load(Path file) {
    return new NativeSide(SymbolLookup.libraryLookup(file.toString(), Arena.global()));
  }

  /** The time stamp counter, as recorded processes read it. */
  public long stamp() {
    try {
      return (long) stamp.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Full barriers on all processors that run recorded threads; false when the kernel has none. */
  public boolean barrier() {
    try {
      return (int) barrier.invokeExact() == 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * A new sparse file, open.
   *
   * @return its descriptor
   * @throws IOException naming the file and why not
   */
  public int create(Path file, long bytes, int mode) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return checked(
          (int) create.invokeExact(arena.allocateFrom(file.toString()), bytes, mode),
          file + ": cannot be made");
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Gives a file its size. */
  public void resize(int fd, long bytes) throws IOException {
    try {
      checked((int) resize.invokeExact(fd, bytes), "the rings' file cannot have its size");
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Puts pages behind a part of a file; false when there are none. */
  public boolean allocate(int fd, long offset, long bytes) {
    try {
      return (int) allocate.invokeExact(fd, offset, bytes) == 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Takes the pages of a part of a file away. */
  public boolean discard(int fd, long offset, long bytes) {
    try {
      return (int) discard.invokeExact(fd, offset, bytes) == 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  public void close(int fd) {
    try {
      int ignored = (int) close.invokeExact(fd);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Another descriptor for the same file. */
  public int duplicate(int fd) throws IOException {
    try {
      return checked((int) duplicate.invokeExact(fd), "no descriptor for the rings is left");
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Waits until a word in shared memory differs from a value or somebody wakes it, bounded. */
  public void await(MemorySegment word, int value, long nanos) {
    try {
      int ignored = (int) await.invokeExact(word, value, nanos);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Wakes who waits for a word. */
  public void wake(MemorySegment word) {
    try {
      int ignored = (int) wake.invokeExact(word);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Lets others go first; there may be no way back.
   *
   * @param thread of this process, as the kernel numbers it; 0 for the calling one
   */
  public void lower(int thread, int nice) {
    try {
      int ignored = (int) lower.invokeExact(thread, nice);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** The inode number of our pid namespace. */
  public long pidNamespace() {
    try {
      return (long) pidNamespace.invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Whether code of a file may be run, which the mount of its directory can forbid. */
  public boolean mayRun(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) mapCode.invokeExact(arena.allocateFrom(file.toString())) == 0;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static int checked(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + Errno.describe(-result));
    }
    return result;
  }
}
