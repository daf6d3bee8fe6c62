package io.unfreed.bpf.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The shared libraries the bindings stand on, opened once for the life of the JVM. A library that
 * is not installed is an empty Optional: ask here before touching a binding class, whose handles
 * are bound eagerly and which cannot initialise without its library.
 */
public final class NativeLibraries {
  static final Linker LINKER = Linker.nativeLinker();

  private static final Optional<SymbolLookup> LIBBPF = open("libbpf.so.1");
  private static final Optional<SymbolLookup> LIBDW = open("libdw.so.1");
  private static final Optional<SymbolLookup> LIBSTDCXX = open("libstdc++.so.6");

  private NativeLibraries() {}

  /** libbpf 1.x; Debian package {@code libbpf1}. */
  public static Optional<SymbolLookup> libbpf() {
    return LIBBPF;
  }

  /** libdw of elfutils; Debian package {@code libdw1}. */
  public static Optional<SymbolLookup> libdw() {
    return LIBDW;
  }

  /** libstdc++, only for its demangler; Debian package {@code libstdc++6}. */
  public static Optional<SymbolLookup> libstdcxx() {
    return LIBSTDCXX;
  }

  private static Optional<SymbolLookup> open(String name) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException missing) {
      return Optional.empty();
    }
  }

  static MethodHandle bind(
      SymbolLookup library, String name, FunctionDescriptor type, Linker.Option... options) {
    MemorySegment function =
        library
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the library has no function " + name));
    return LINKER.downcallHandle(function, type, options);
  }

  /**
   * What a binding does with a Throwable from invokeExact, which a downcall itself never throws.
   */
  static AssertionError unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new AssertionError("a downcall threw", thrown);
  }

  /** The NUL-terminated string at an address C gave us, or null for a null pointer. */
  static String stringOrNull(MemorySegment pointer) {
    return pointer.address() == 0
        ? null
        : pointer.reinterpret(Long.MAX_VALUE).getString(0, java.nio.charset.StandardCharsets.UTF_8);
  }
}
