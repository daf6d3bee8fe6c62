package io.unfreed.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** errno: captured with a call, and named. Numbers are those of Linux on x86-64 and arm64. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EBADF = 9;
  public static final int EACCES = 13;
  public static final int EINVAL = 22;

  static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final long OFFSET =
      LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "EPERM"),
          Map.entry(2, "ENOENT"),
          Map.entry(3, "ESRCH"),
          Map.entry(4, "EINTR"),
          Map.entry(7, "E2BIG"),
          Map.entry(9, "EBADF"),
          Map.entry(10, "ECHILD"),
          Map.entry(11, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(13, "EACCES"),
          Map.entry(14, "EFAULT"),
          Map.entry(16, "EBUSY"),
          Map.entry(17, "EEXIST"),
          Map.entry(22, "EINVAL"),
          Map.entry(24, "EMFILE"),
          Map.entry(28, "ENOSPC"),
          Map.entry(95, "EOPNOTSUPP"),
          Map.entry(524, "ENOTSUPP"));

  private Errno() {}

  static MemorySegment capture(Arena arena) {
    return arena.allocate(LAYOUT);
  }

  static int of(MemorySegment captured) {
    return captured.get(ValueLayout.JAVA_INT, OFFSET);
  }

  /** As in {@code EPERM (Operation not permitted)}. */
  public static String describe(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno) + " (" + LibC.strerror(errno) + ")";
  }
}
