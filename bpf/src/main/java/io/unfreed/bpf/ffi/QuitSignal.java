package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code signal.h}: SIGQUIT, for which the JVM prints the stacks of its threads to stdout. Of a
 * terminal Ctrl-\ is for the command that we record, and so is stdout.
 */
public final class QuitSignal {
  private static final int SIGQUIT = 3;

  private static final MethodHandle SIGNAL =
      bind(LibC.LIB, "signal", of(ADDRESS, JAVA_INT, ADDRESS));

  private QuitSignal() {}

  /**
   * From now on it does nothing here. By a handler, and one of libc's that only looks at its
   * argument: what is ignored children would ignore, too.
   */
  public static void makeSilent() {
    try {
      MemorySegment before =
          (MemorySegment) SIGNAL.invokeExact(SIGQUIT, LibC.LIB.findOrThrow("abs"));
      assert before != null;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
