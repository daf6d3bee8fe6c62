package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.LINKER;
import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.stringOrNull;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.FunctionDescriptor.ofVoid;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The few functions of libc the other bindings need: free, strerror, errno names. */
public final class LibC {
  static final SymbolLookup LIB = LINKER.defaultLookup();
  private static final MethodHandle FREE = bind(LIB, "free", ofVoid(ADDRESS));
  private static final MethodHandle STRERROR = bind(LIB, "strerror", of(ADDRESS, JAVA_INT));

  private LibC() {}

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
