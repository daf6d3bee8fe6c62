package io.unfreed.bpf.symbols;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.LibDw;
import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Names, lines and inlined calls of one object through libdw. Inlined frames come from walking the
 * scopes that physically contain the address outwards: each inlined subroutine gives a name, and
 * its call_file and call_line give the position in the function around it.
 */
final class DwarfSource implements ObjectSymbols.Source {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment word = arena.allocate(JAVA_LONG);
  private final MemorySegment bias = arena.allocate(JAVA_LONG);
  private final MemorySegment number = arena.allocate(JAVA_INT);
  private final MemorySegment pointer = arena.allocate(ADDRESS);
  private final MemorySegment symbol = arena.allocate(24, 8); // GElf_Sym
  private final MemorySegment die = arena.allocate(LibDw.DIE_BYTES, 8);
  private final MemorySegment attribute = arena.allocate(LibDw.ATTRIBUTE_BYTES, 8);
  private MemorySegment dwfl = MemorySegment.NULL;
  private MemorySegment module = MemorySegment.NULL;
  private final IdentityHashMap<DwarfFunctions.Symbol, Function> functions =
      new IdentityHashMap<>();
  private DwarfFunctions symbols;
  private long elfBias;

  private DwarfSource() {}

  static DwarfSource open(Path elf) throws IOException {
    DwarfSource source = new DwarfSource();
    try {
      source.begin(elf);
      return source;
    } catch (IOException | RuntimeException failed) {
      source.close();
      throw failed;
    }
  }

  private void begin(Path elf) throws IOException {
    MemorySegment callbacks = arena.allocate(LibDw.CALLBACKS_BYTES, 8);
    callbacks.set(ADDRESS, 0, LibDw.BUILD_ID_FIND_ELF);
    callbacks.set(ADDRESS, 8, LibDw.STANDARD_FIND_DEBUGINFO);
    callbacks.set(ADDRESS, 16, LibDw.OFFLINE_SECTION_ADDRESS);
    dwfl = LibDw.begin(callbacks);
    if (dwfl.address() == 0) {
      throw new IOException("libdw cannot start: " + LibDw.lastError());
    }
    MemorySegment name = arena.allocateFrom(NativePath.text(elf));
    module = LibDw.reportOffline(dwfl, name, name);
    if (module.address() == 0 || LibDw.reportEnd(dwfl) != 0) {
      throw new IOException("libdw cannot read " + elf + ": " + LibDw.lastError());
    }
    if (LibDw.moduleElf(module, bias).address() == 0) {
      throw new IOException("libdw cannot read " + elf + ": " + LibDw.lastError());
    }
    elfBias = bias.get(JAVA_LONG, 0);
  }

  @Override
  public List<SourceFrame> lookup(long vaddr) {
    long address = vaddr + elfBias;
    Function function = function(address);
    Long offset = function == null ? null : address - function.start;
    String physical = function == null ? null : function.name;
    String file = null;
    Integer line = null;
    MemorySegment record = LibDw.moduleLine(module, address);
    if (record.address() != 0) {
      file = LibDw.lineFile(record, number);
      line = positiveOrNull(number.get(JAVA_INT, 0));
    }
    List<SourceFrame> frames = new ArrayList<>(1);
    Position position = new Position(file, line);
    MemorySegment unit = LibDw.moduleAddressUnit(module, address, bias);
    if (unit.address() != 0) {
      position = addInlined(unit, address - bias.get(JAVA_LONG, 0), position, frames);
      physical = physical == null ? position.function : physical;
    }
    if (physical == null && position.file == null && frames.isEmpty()) {
      return List.of();
    }
    frames.add(new SourceFrame(physical, offset, position.file, position.line, false));
    return frames;
  }

  /** A function's name as people read it, and where it begins. */
  private record Function(long start, String name) {}

  /** libdw itself would go through the whole symbol table for each address. */
  private Function function(long address) {
    if (symbols == null) {
      symbols = DwarfFunctions.of(module);
    }
    DwarfFunctions.Symbol covering = symbols.covering(address);
    if (covering != null) {
      return functions.computeIfAbsent(
          covering, c -> new Function(c.start(), Demangler.demangle(c.name())));
    }
    // One of unknown size counts within its section, which libdw knows.
    String name =
        symbols.mayFollowSizeless(address)
            ? LibDw.moduleAddressSymbol(module, address, word, symbol)
            : null;
    return name == null
        ? null
        : new Function(address - word.get(JAVA_LONG, 0), Demangler.demangle(name));
  }

  /** Name and offset in it of an ELF virtual address; null when there is none. */
  String symbolAt(long vaddr) {
    Function function = function(vaddr + elfBias);
    return function == null
        ? null
        : function.name + "+" + Long.toHexString(vaddr + elfBias - function.start);
  }

  /** The same as libdw says it. */
  String symbolOfLibdwAt(long vaddr) {
    String name = LibDw.moduleAddressSymbol(module, vaddr + elfBias, word, symbol);
    return name == null
        ? null
        : Demangler.demangle(name) + "+" + Long.toHexString(word.get(JAVA_LONG, 0));
  }

  /** Where the function walked to last was left, and its name once it is the physical one. */
  private record Position(String file, Integer line, String function) {
    Position(String file, Integer line) {
      this(file, line, null);
    }
  }

  private Position addInlined(
      MemorySegment unit, long dwarfAddress, Position start, List<SourceFrame> frames) {
    int count = LibDw.scopes(unit, dwarfAddress, pointer);
    if (count <= 0) {
      return start;
    }
    MemorySegment scopes = pointer.get(ADDRESS, 0);
    // getscopes continues along the abstract origin of an inlined function; ask again for the
    // DIEs that physically contain the innermost one.
    MemorySegment innermost = scopes.reinterpret(LibDw.DIE_BYTES);
    die.copyFrom(innermost);
    LibC.free(scopes);
    count = LibDw.scopesOfDie(die, pointer);
    if (count <= 0) {
      return start;
    }
    scopes = pointer.get(ADDRESS, 0).reinterpret(count * LibDw.DIE_BYTES);
    Position position = start;
    for (int i = 0; i < count; i++) {
      MemorySegment scope = scopes.asSlice(i * LibDw.DIE_BYTES, LibDw.DIE_BYTES);
      int tag = LibDw.tag(scope);
      if (tag == LibDw.DW_TAG_SUBPROGRAM) {
        position = new Position(position.file, position.line, functionName(scope));
        break;
      }
      if (tag == LibDw.DW_TAG_INLINED_SUBROUTINE) {
        frames.add(new SourceFrame(functionName(scope), null, position.file, position.line, true));
        position = callSite(unit, scope);
      }
    }
    LibC.free(scopes);
    return position;
  }

  private Position callSite(MemorySegment unit, MemorySegment inlined) {
    long file = LibDw.numberAttribute(inlined, LibDw.DW_AT_CALL_FILE, attribute, word);
    long line = LibDw.numberAttribute(inlined, LibDw.DW_AT_CALL_LINE, attribute, word);
    String name = file < 0 ? null : LibDw.sourceFile(unit, file, pointer);
    return new Position(name, positiveOrNull(line));
  }

  private String functionName(MemorySegment function) {
    String linkage = LibDw.stringAttribute(function, LibDw.DW_AT_LINKAGE_NAME, attribute);
    if (linkage != null) {
      return Demangler.demangle(linkage);
    }
    return LibDw.stringAttribute(function, LibDw.DW_AT_NAME, attribute);
  }

  private static Integer positiveOrNull(long line) {
    return line > 0 && line <= Integer.MAX_VALUE ? (int) line : null;
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    if (dwfl.address() != 0) {
      LibDw.end(dwfl);
    }
    arena.close();
  }
}
