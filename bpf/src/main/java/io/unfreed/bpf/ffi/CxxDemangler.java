package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** {@code __cxa_demangle} of libstdc++ (Itanium C++ ABI, section 3.4). */
public final class CxxDemangler {
  private static final SymbolLookup LIB =
      NativeLibraries.libstdcxx()
          .orElseThrow(() -> new UnsatisfiedLinkError("libstdc++.so.6 is missing"));
  private static final MethodHandle DEMANGLE =
      bind(LIB, "__cxa_demangle", of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

  private CxxDemangler() {}

  /** The readable name, or null when {@code mangled} is not a mangled C++ name. */
  public static String demangle(String mangled) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = MemorySegment.NULL;
      MemorySegment status = arena.allocate(JAVA_INT);
      MemorySegment name =
          (MemorySegment) DEMANGLE.invokeExact(arena.allocateFrom(mangled), none, none, status);
      if (name.address() == 0) {
        return null;
      }
      String text = NativeLibraries.stringOrNull(name);
      LibC.free(name);
      return text;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
