package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.LINKER;
import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * libbpf's messages: never printed, kept per thread so that an exception can carry them. libbpf has
 * one print function per process, so it is installed once, when this class is first touched.
 */
final class LibBpfLog {
  private static final int MAX_CHARACTERS = 64 << 10;
  private static final ThreadLocal<StringBuilder> TEXT =
      ThreadLocal.withInitial(StringBuilder::new);
  private static final MethodHandle VSNPRINTF =
      bind(LibC.LIB, "vsnprintf", of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

  static {
    install();
  }

  private LibBpfLog() {}

  /** Forgets this thread's messages. */
  static void clear() {
    TEXT.get().setLength(0);
  }

  /** This thread's messages since {@link #clear}. */
  static String text() {
    return TEXT.get().toString().strip();
  }

  private static void install() {
    try {
      MethodHandle print =
          MethodHandles.lookup()
              .findStatic(
                  LibBpfLog.class,
                  "print",
                  MethodType.methodType(
                      int.class, int.class, MemorySegment.class, MemorySegment.class));
      // A va_list argument is a pointer in the C ABIs of x86-64 and arm64.
      MemorySegment upcall =
          LINKER.upcallStub(print, of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Arena.global());
      MethodHandle setPrint = bind(LibBpfObject.LIB, "libbpf_set_print", of(ADDRESS, ADDRESS));
      MemorySegment previous = (MemorySegment) setPrint.invokeExact(upcall);
      assert previous != null;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The upcall. Debug messages (level 2) are dropped; nothing may escape. */
  private static int print(int level, MemorySegment format, MemorySegment arguments) {
    try (Arena arena = Arena.ofConfined()) {
      StringBuilder text = TEXT.get();
      if (level < 2 && text.length() < MAX_CHARACTERS) {
        MemorySegment line = arena.allocate(MAX_CHARACTERS);
        int length = (int) VSNPRINTF.invokeExact(line, line.byteSize(), format, arguments);
        if (length > 0) {
          text.append(line.getString(0));
        }
      }
    } catch (Throwable ignored) {
      // An exception that escapes an upcall ends the JVM; a lost message does not.
    }
    return 0;
  }
}
