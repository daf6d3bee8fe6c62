package io.unfreed.bpf.symbols;

import io.unfreed.bpf.symbols.RustV0Reader.Identifier;
import io.unfreed.bpf.symbols.RustV0Reader.Unreadable;
import java.util.Optional;

/**
 * Names of rustc's v0 scheme (RFC 2603, {@code _R...}) in the short form that rustc itself prints:
 * without crate hashes and types of constants. What it does not understand it gives up on: newer
 * constants, for one. Bounded in depth and length, for a back reference can repeat what repeats.
 */
final class RustV0Demangler {
  private static final int MOST_DEPTH = 128;
  private static final int MOST_CHARS = 1 << 14;

  /** The letters of basic types, in their order; empty for letters without one. */
  private static final String[] BASIC = {
    "i8", "bool", "char", "f64", "str", "f32", "", "u8", "isize", "usize", "", "i32", "u32",
    "i128", "u128", "_", "", "", "i16", "u16", "()", "...", "", "i64", "u64", "!"
  };

  private final RustV0Reader in;
  private final StringBuilder out = new StringBuilder();
  private int depth;
  private int lifetimes;
  private boolean silent;

  private RustV0Demangler(String mangled) {
    this.in = new RustV0Reader(mangled);
  }

  /** The readable form; empty when the name is of another scheme or not understood. */
  static Optional<String> demangle(String name) {
    if (!name.startsWith("_R")) {
      return Optional.empty();
    }
    int suffix = name.indexOf('.'); // of the vendor, as in .llvm.1234
    RustV0Demangler it =
        new RustV0Demangler(name.substring(2, suffix < 0 ? name.length() : suffix));
    try {
      it.path(true);
      if (!it.in.isAtEnd()) {
        it.silent = true; // the crate that instantiated it
        it.path(false);
      }
      return it.in.isAtEnd() ? Optional.of(it.out.toString()) : Optional.empty();
    } catch (Unreadable unknown) {
      return Optional.empty();
    }
  }

  private void print(String text) throws Unreadable {
    if (!silent) {
      out.append(text);
    }
    if (out.length() > MOST_CHARS) {
      throw new Unreadable();
    }
  }

  private void path(boolean value) throws Unreadable {
    if (++depth > MOST_DEPTH) {
      throw new Unreadable();
    }
    switch (in.next()) {
      case 'C' -> print(in.identifier().name());
      case 'M' -> implementation(false);
      case 'X' -> implementation(true);
      case 'Y' -> {
        print("<");
        type();
        print(" as ");
        path(false);
        print(">");
      }
      case 'N' -> nested(value);
      case 'I' -> {
        path(value);
        print(value ? "::<" : "<");
        list(this::genericArgument);
        print(">");
      }
      case 'B' -> backReference(() -> path(value));
      default -> throw new Unreadable();
    }
    depth--;
  }

  /** An impl's own path says where it stands in the source, not what it is for. */
  private void implementation(boolean ofTrait) throws Unreadable {
    boolean before = silent;
    silent = true;
    in.disambiguator();
    path(false);
    silent = before;
    print("<");
    type();
    if (ofTrait) {
      print(" as ");
      path(false);
    }
    print(">");
  }

  private void nested(boolean value) throws Unreadable {
    char namespace = in.next();
    path(value);
    Identifier id = in.identifier();
    if (Character.isLowerCase(namespace)) {
      if (!id.name().isEmpty()) {
        print("::" + id.name());
      }
      return;
    }
    String kind =
        switch (namespace) {
          case 'C' -> "closure";
          case 'S' -> "shim";
          default -> String.valueOf(namespace);
        };
    print(
        "::{"
            + kind
            + (id.name().isEmpty() ? "" : ":" + id.name())
            + "#"
            + id.disambiguator()
            + "}");
  }

  private interface Part {
    void read() throws Unreadable;
  }

  /** Parts up to an E, with commas; how many. */
  private int list(Part part) throws Unreadable {
    int count = 0;
    while (!in.take('E')) {
      if (count++ > 0) {
        print(", ");
      }
      part.read();
    }
    return count;
  }

  private void backReference(Part part) throws Unreadable {
    int start = in.at() - 1;
    long target = in.base62();
    if (target < 0 || target >= start || ++depth > MOST_DEPTH) {
      throw new Unreadable();
    }
    if (!silent) {
      int back = in.at();
      in.goTo((int) target);
      part.read();
      in.goTo(back);
    }
    depth--;
  }

  private void genericArgument() throws Unreadable {
    if (in.take('L')) {
      lifetime(in.base62());
    } else if (in.take('K')) {
      constant();
    } else {
      type();
    }
  }

  private void lifetime(long index) throws Unreadable {
    if (index == 0) {
      print("'_");
      return;
    }
    long bound = lifetimes - index;
    if (bound < 0) {
      throw new Unreadable();
    }
    print(bound < 26 ? "'" + (char) ('a' + bound) : "'_" + bound);
  }

  private void type() throws Unreadable {
    char tag = in.next();
    if (tag >= 'a' && tag <= 'z') {
      if (BASIC[tag - 'a'].isEmpty()) {
        throw new Unreadable();
      }
      print(BASIC[tag - 'a']);
      return;
    }
    if (++depth > MOST_DEPTH) {
      throw new Unreadable();
    }
    switch (tag) {
      case 'R', 'Q' -> reference(tag == 'Q');
      case 'P' -> pointer("*const ");
      case 'O' -> pointer("*mut ");
      case 'A', 'S' -> array(tag == 'A');
      case 'T' -> {
        print("(");
        print(list(this::type) == 1 ? ",)" : ")");
      }
      case 'F' -> withBinder(this::function);
      case 'D' -> dynamic();
      case 'B' -> backReference(this::type);
      default -> {
        in.goTo(in.at() - 1);
        path(false);
      }
    }
    depth--;
  }

  private void reference(boolean mutable) throws Unreadable {
    print("&");
    if (in.take('L')) {
      long index = in.base62();
      if (index != 0) {
        lifetime(index);
        print(" ");
      }
    }
    print(mutable ? "mut " : "");
    type();
  }

  private void pointer(String kind) throws Unreadable {
    print(kind);
    type();
  }

  private void array(boolean sized) throws Unreadable {
    print("[");
    type();
    if (sized) {
      print("; ");
      constant();
    }
    print("]");
  }

  private void withBinder(Part part) throws Unreadable {
    long bound = in.take('G') ? in.base62() + 1 : 0;
    if (bound > MOST_DEPTH) {
      throw new Unreadable();
    }
    if (bound > 0) {
      print("for<");
      for (int i = 0; i < bound; i++) {
        print(i > 0 ? ", " : "");
        lifetimes++;
        lifetime(1);
      }
      print("> ");
    }
    part.read();
    lifetimes -= (int) bound;
  }

  private void function() throws Unreadable {
    print(in.take('U') ? "unsafe " : "");
    if (in.take('K')) {
      String abi = in.take('C') ? "C" : in.identifier().name().replace('_', '-');
      print("extern \"" + abi + "\" ");
    }
    print("fn(");
    list(this::type);
    print(")");
    if (!in.take('u')) {
      print(" -> ");
      type();
    }
  }

  private void dynamic() throws Unreadable {
    print("dyn ");
    withBinder(() -> {
      int count = 0;
      while (!in.take('E')) {
        print(count++ > 0 ? " + " : "");
        bound();
      }
    });
    if (!in.take('L')) {
      throw new Unreadable();
    }
    long index = in.base62();
    if (index != 0) {
      print(" + ");
      lifetime(index);
    }
  }

  /** A trait, its generic arguments and its associated types in one pair of brackets. */
  private void bound() throws Unreadable {
    int start = out.length();
    path(false);
    boolean open = !silent && out.length() > start && out.charAt(out.length() - 1) == '>';
    boolean any = false;
    while (in.take('p')) {
      if (!any && open) {
        out.setLength(out.length() - 1);
      }
      print(any || open ? ", " : "<");
      any = true;
      print(in.identifier().name() + " = ");
      type();
    }
    print(any ? ">" : "");
  }

  private void constant() throws Unreadable {
    char tag = in.next();
    switch (tag) {
      case 'B' -> backReference(this::constant);
      case 'p' -> print("_");
      case 'h', 't', 'm', 'y', 'o', 'j' -> print(in.hex().toString());
      case 'a', 's', 'l', 'x', 'n', 'i' -> print((in.take('n') ? "-" : "") + in.hex());
      case 'b' -> print(in.hex().signum() == 0 ? "false" : "true");
      case 'c' -> {
        int point = in.hex().intValue();
        if (!Character.isValidCodePoint(point)) {
          throw new Unreadable();
        }
        print("'" + Character.toString(point) + "'");
      }
      default -> throw new Unreadable();
    }
  }
}
