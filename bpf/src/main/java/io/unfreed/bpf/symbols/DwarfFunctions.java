package io.unfreed.bpf.symbols;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.unfreed.bpf.ffi.LibDw;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The symbols that libdw has of an object, its separate files included, by address. {@code
 * dwfl_module_addrinfo} chooses in the same way and goes through all of them for each address: half
 * a millisecond for a compiler's own table, which is exported whole.
 */
final class DwarfFunctions {
  // GElf_Sym, and the values that its info has (elf.h)
  private static final long SYMBOL_BYTES = 24;
  private static final long INFO = 4;
  private static final long SECTION = 6;
  private static final long VALUE = 8;
  private static final long SIZE = 16;
  private static final int STB_LOCAL = 0;
  private static final int STB_WEAK = 2;
  private static final int STT_SECTION = 3;
  private static final int STT_FILE = 4;
  private static final int STT_TLS = 6;

  private final List<Symbol> symbols;

  /** By index: the largest end of that symbol and all before it. */
  private final long[] ends;

  /** A function's name as it is linked, and where it lies. */
  record Symbol(long start, long end, boolean local, int rank, MemorySegment label) {
    String name() {
      return LibDw.text(label);
    }

    boolean isSizeless() {
      return start == end;
    }
  }

  private DwarfFunctions(List<Symbol> sorted) {
    this.symbols = sorted;
    this.ends = new long[sorted.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end = Math.max(end, sorted.get(i).end);
      ends[i] = end;
    }
  }

  static DwarfFunctions of(MemorySegment module) {
    List<Symbol> symbols = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment symbol = arena.allocate(SYMBOL_BYTES, 8);
      MemorySegment section = arena.allocate(JAVA_INT);
      int count = LibDw.moduleSymbols(module);
      int firstGlobal = LibDw.moduleFirstGlobal(module);
      for (int i = 1; i < count; i++) {
        MemorySegment label = LibDw.moduleSymbol(module, i, symbol, section);
        if (label.address() != 0 && isPlace(symbol, label)) {
          symbols.add(read(symbol, i < firstGlobal, label));
        }
      }
    }
    symbols.sort(Comparator.comparingLong(Symbol::start));
    return new DwarfFunctions(symbols);
  }

  private static boolean isPlace(MemorySegment symbol, MemorySegment label) {
    int type = symbol.get(JAVA_BYTE, INFO) & 0xf;
    return symbol.get(JAVA_SHORT, SECTION) != 0
        && type != STT_SECTION
        && type != STT_FILE
        && type != STT_TLS
        && label.reinterpret(1).get(JAVA_BYTE, 0) != 0;
  }

  private static Symbol read(MemorySegment symbol, boolean local, MemorySegment name) {
    long start = symbol.get(JAVA_LONG, VALUE);
    int binding = (symbol.get(JAVA_BYTE, INFO) & 0xff) >> 4;
    int rank = binding == STB_LOCAL ? 0 : binding == STB_WEAK ? 1 : 2;
    return new Symbol(start, start + symbol.get(JAVA_LONG, SIZE), local, rank, name);
  }

  /**
   * The symbol that covers an address: of several the one that begins last, a global one if there
   * is. Null when there is none.
   */
  Symbol covering(long address) {
    Symbol global = null;
    Symbol local = null;
    for (int i = floor(address); i >= 0 && ends[i] > address; i--) {
      Symbol each = symbols.get(i);
      if (each.end > address) {
        local = each.local ? better(local, each) : local;
        global = each.local ? global : better(global, each);
      }
    }
    return global != null ? global : local;
  }

  /**
   * Whether a symbol of unknown size lies below an uncovered address, and no other's end between.
   */
  boolean mayFollowSizeless(long address) {
    int last = floor(address);
    for (int i = last; i >= 0 && symbols.get(i).start == ends[last]; i--) {
      if (symbols.get(i).isSizeless()) {
        return true;
      }
    }
    return false;
  }

  /** Of two, the second being the earlier one in the tables. */
  private static Symbol better(Symbol one, Symbol earlier) {
    if (one == null || earlier.start != one.start) {
      return one == null || earlier.start > one.start ? earlier : one;
    }
    if (earlier.rank != one.rank) {
      return earlier.rank > one.rank ? earlier : one;
    }
    return earlier.end <= one.end ? earlier : one;
  }

  private int floor(long address) {
    int low = 0;
    int high = symbols.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (symbols.get(middle).start <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}
