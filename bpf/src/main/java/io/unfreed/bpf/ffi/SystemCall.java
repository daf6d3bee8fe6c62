package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code syscall(2)}, for what libc has no function for or changes on the way. Each method is one
 * system call of x86-64 and answers its result, or the negative errno.
 */
public final class SystemCall {
  private static final MethodHandle SYSCALL =
      bind(
          LibC.LIB,
          "syscall",
          of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          Errno.CAPTURE,
          Linker.Option.firstVariadicArg(1));

  private SystemCall() {}

  /** {@code ptrace(2)}: all requests about one thread come from the thread that seized it. */
  public static long ptrace(long request, int tid, long address, long data) {
    return invoke(101, request, tid, address, data, 0, 0);
  }

  /** {@code wait4(2)} for one thread; the status is an int. */
  public static long wait4(int tid, MemorySegment status, int options) {
    return invoke(61, tid, status.address(), options, 0, 0, 0);
  }

  public static long pidfdOpen(int tgid) {
    return invoke(434, tgid, 0, 0, 0, 0, 0);
  }

  /** A descriptor of another process as one of ours, close-on-exec. */
  public static long pidfdGetfd(int pidfd, int theirs) {
    return invoke(438, pidfd, theirs, 0, 0, 0, 0);
  }

  public static long perfEventOpen(MemorySegment attributes, int tid) {
    // Any CPU, no group, PERF_FLAG_FD_CLOEXEC.
    return invoke(298, attributes.address(), tid, -1, -1, 8, 0);
  }

  public static long processVmReadv(int tgid, MemorySegment ours, MemorySegment theirs) {
    return invoke(310, tgid, ours.address(), 1, theirs.address(), 1, 0);
  }

  public static long processVmWritev(int tgid, MemorySegment ours, MemorySegment theirs) {
    return invoke(311, tgid, ours.address(), 1, theirs.address(), 1, 0);
  }

  /** {@code bpf(2)}, for commands that libbpf does not know. */
  static long bpf(int command, MemorySegment attributes) {
    return invoke(321, command, attributes.address(), attributes.byteSize(), 0, 0, 0);
  }

  public static long write(int fd, MemorySegment bytes) {
    return invoke(1, fd, bytes.address(), bytes.byteSize(), 0, 0, 0);
  }

  /** {@code read(2)}: the bytes read, 0 at the end. */
  static long read(int fd, MemorySegment bytes) {
    return invoke(0, fd, bytes.address(), bytes.byteSize(), 0, 0, 0);
  }

  public static long close(int fd) {
    return invoke(3, fd, 0, 0, 0, 0, 0);
  }

  private static long invoke(long number, long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      long result = (long) SYSCALL.invokeExact(errno, number, a, b, c, d, e, f);
      return result == -1 ? -Errno.of(errno) : result;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
