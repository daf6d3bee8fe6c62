package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.CxxDemangler;
import io.unfreed.bpf.ffi.NativeLibraries;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of symbol tables made readable: without the version of a versioned symbol ({@code
 * pthread_create@@GLIBC_2.34}) and without what a compiler added behind a dot; C++ by libstdc++,
 * Rust's legacy scheme by undoing its escapes on top of that, Rust's v0 scheme by {@link
 * RustV0Demangler}. A name that is not mangled, or not understood, is returned as it is.
 */
public final class Demangler {
  private static final Pattern VERSION = Pattern.compile("(?<=.)@@?[\\w.]+$");
  private static final Pattern LLVM = Pattern.compile("\\.llvm\\.[0-9A-Fa-f]+$");
  private static final Pattern RUST_HASH = Pattern.compile("::h[0-9a-f]{16}$");
  private static final Pattern RUST_ESCAPE =
      Pattern.compile("\\$(SP|BP|RF|LT|GT|LP|RP|C|u[0-9a-f]{1,6})\\$");

  private Demangler() {}

  /** The readable form of a symbol name, or the name itself. */
  public static String demangle(String symbol) {
    String name = VERSION.matcher(symbol).replaceFirst("");
    if (name.startsWith("_R")) {
      return RustV0Demangler.demangle(name).orElse(name);
    }
    if (!name.startsWith("_Z") || NativeLibraries.libstdcxx().isEmpty()) {
      return name;
    }
    String readable = CxxDemangler.demangle(LLVM.matcher(name).replaceFirst(""));
    if (readable == null) {
      return name;
    }
    Matcher hash = RUST_HASH.matcher(readable);
    return hash.find() ? rust(readable.substring(0, hash.start())) : readable;
  }

  /** Undoes the escapes of rustc's legacy mangling (rustc_symbol_mangling::legacy). */
  private static String rust(String path) {
    String text = path.replace("::_$", "::$");
    text = text.startsWith("_$") ? text.substring(1) : text;
    StringBuilder out = new StringBuilder();
    Matcher escape = RUST_ESCAPE.matcher(text);
    while (escape.find()) {
      escape.appendReplacement(out, Matcher.quoteReplacement(unescape(escape.group(1))));
    }
    escape.appendTail(out);
    return out.toString().replace("..", "::");
  }

  private static String unescape(String code) {
    return switch (code) {
      case "SP" -> "@";
      case "BP" -> "*";
      case "RF" -> "&";
      case "LT" -> "<";
      case "GT" -> ">";
      case "LP" -> "(";
      case "RP" -> ")";
      case "C" -> ",";
      default -> Character.toString(Integer.parseInt(code.substring(1), 16));
    };
  }
}
