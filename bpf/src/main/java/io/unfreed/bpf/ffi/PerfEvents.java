package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code linux/perf_event.h}: events of defined trace events on tasks. They are never enabled: that
 * a task has one is what puts the probe into its address space and lets the BPF program run there.
 */
public final class PerfEvents {
  private static final long NR_PERF_EVENT_OPEN = 298; // x86-64
  private static final long PERF_FLAG_FD_CLOEXEC = 8;
  private static final int BPF_PERF_EVENT = 41;

  // struct perf_event_attr: u32 type, size; u64 config, sample_period, sample_type, read_format,
  // flag bits
  private static final int ATTR_BYTES = 64;
  private static final int PERF_TYPE_SOFTWARE = 1;
  private static final int PERF_COUNT_SW_DUMMY = 9;
  private static final int PERF_TYPE_TRACEPOINT = 2;
  private static final long DISABLED = 1;
  private static final long INHERIT = 2;
  private static final long INHERIT_THREAD = 1L << 35;

  /** Which tasks that a task makes from now on have its event too, and so on. */
  public enum Inheritance {
    NONE(0),
    THREADS(INHERIT | INHERIT_THREAD),
    THREADS_AND_CHILDREN(INHERIT);

    private final long flags;

    Inheritance(long flags) {
      this.flags = flags;
    }
  }

  /**
   * PERF_SAMPLE_TID and PERF_SAMPLE_READ. With the latter (since 6.12 allowed for inherited events)
   * the scheduler does not swap the events of two related tasks, after which the exit of one would
   * take the probes from the other.
   */
  private static final long STAYS_WITH_ITS_TASK = 1 << 1 | 1 << 4;

  private static final MethodHandle SYSCALL =
      bind(
          LibC.LIB,
          "syscall",
          of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Errno.CAPTURE);
  private static final MethodHandle LINK_CREATE =
      bind(
          LibBpfObject.LIB, "bpf_link_create", of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  private PerfEvents() {}

  /**
   * Opens an event on a task.
   *
   * @return a file descriptor, or a negative errno
   */
  public static int open(int eventId, int tid, Inheritance inheritance) {
    return open(PERF_TYPE_TRACEPOINT, eventId, tid, inheritance);
  }

  /** Whether this kernel has inherited events that stay with their task (since 6.12). */
  public static boolean canInherit() {
    int fd = open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, 0, Inheritance.THREADS_AND_CHILDREN);
    if (fd >= 0) {
      LibC.close(fd);
    }
    return fd >= 0;
  }

  private static int open(int type, int config, int tid, Inheritance inheritance) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Errno.capture(arena);
      MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
      attr.set(JAVA_INT, 0, type);
      attr.set(JAVA_INT, 4, ATTR_BYTES);
      attr.set(JAVA_LONG, 8, config);
      attr.set(JAVA_LONG, 16, 1);
      attr.set(JAVA_LONG, 24, inheritance == Inheritance.NONE ? 0 : STAYS_WITH_ITS_TASK);
      attr.set(JAVA_LONG, 40, DISABLED | inheritance.flags);
      long fd =
          (long)
              SYSCALL.invokeExact(
                  errno, NR_PERF_EVENT_OPEN, attr, (long) tid, -1L, -1L, PERF_FLAG_FD_CLOEXEC);
      return fd < 0 ? -Errno.of(errno) : (int) fd;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Runs a program wherever the event's trace event happens; a descriptor, or -errno. */
  static int link(int programFd, int eventFd, long cookie) {
    try (Arena arena = Arena.ofConfined()) {
      // struct bpf_link_create_opts: size_t sz; u32 flags; pointer, u32, u32; u64 bpf_cookie; ..
      MemorySegment options = arena.allocate(64, 8);
      options.set(JAVA_LONG, 0, options.byteSize());
      options.set(JAVA_LONG, 32, cookie);
      return (int) LINK_CREATE.invokeExact(programFd, eventFd, BPF_PERF_EVENT, options);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
