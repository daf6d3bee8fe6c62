package io.unfreed.bpf.ffi;

import static io.unfreed.bpf.ffi.NativeLibraries.bind;
import static io.unfreed.bpf.ffi.NativeLibraries.stringOrNull;
import static io.unfreed.bpf.ffi.NativeLibraries.unexpected;
import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.FunctionDescriptor.ofVoid;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * elfutils' {@code libdwfl.h} and the part of {@code libdw.h} that finds functions, lines and
 * inlined calls. A raw method per C function; pointers are segments of size 0, tested with {@code
 * address() == 0}. Not thread-safe per Dwfl handle: its owner serialises.
 */
public final class LibDw {
  /** sizeof(Dwarf_Die): four words. */
  public static final long DIE_BYTES = 32;

  /** sizeof(Dwarf_Attribute): two 32-bit words and two pointers. */
  public static final long ATTRIBUTE_BYTES = 24;

  /** sizeof(Dwfl_Callbacks): four pointers. */
  public static final long CALLBACKS_BYTES = 32;

  public static final int DW_TAG_INLINED_SUBROUTINE = 0x1d;
  public static final int DW_TAG_SUBPROGRAM = 0x2e;
  public static final int DW_AT_NAME = 0x03;
  public static final int DW_AT_CALL_FILE = 0x58;
  public static final int DW_AT_CALL_LINE = 0x59;
  public static final int DW_AT_LINKAGE_NAME = 0x6e;

  private static final SymbolLookup LIB =
      NativeLibraries.libdw().orElseThrow(() -> new UnsatisfiedLinkError("libdw.so.1 is missing"));

  /** C functions passed as callbacks: libdw calls itself, so no upcall into Java exists. */
  public static final MemorySegment BUILD_ID_FIND_ELF = LIB.findOrThrow("dwfl_build_id_find_elf");

  public static final MemorySegment STANDARD_FIND_DEBUGINFO =
      LIB.findOrThrow("dwfl_standard_find_debuginfo");
  public static final MemorySegment OFFLINE_SECTION_ADDRESS =
      LIB.findOrThrow("dwfl_offline_section_address");

  private static final MethodHandle BEGIN = bind(LIB, "dwfl_begin", of(ADDRESS, ADDRESS));
  private static final MethodHandle END = bind(LIB, "dwfl_end", ofVoid(ADDRESS));
  private static final MethodHandle REPORT_OFFLINE =
      bind(LIB, "dwfl_report_offline", of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle REPORT_END =
      bind(LIB, "dwfl_report_end", of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle ERRMSG = bind(LIB, "dwfl_errmsg", of(ADDRESS, JAVA_INT));
  private static final MethodHandle GETELF =
      bind(LIB, "dwfl_module_getelf", of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle GETDWARF =
      bind(LIB, "dwfl_module_getdwarf", of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle ADDRINFO =
      bind(
          LIB,
          "dwfl_module_addrinfo",
          of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle GETSYMTAB =
      bind(LIB, "dwfl_module_getsymtab", of(JAVA_INT, ADDRESS));
  private static final MethodHandle FIRST_GLOBAL =
      bind(LIB, "dwfl_module_getsymtab_first_global", of(JAVA_INT, ADDRESS));
  private static final MethodHandle GETSYM =
      bind(LIB, "dwfl_module_getsym", of(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle ADDRDIE =
      bind(LIB, "dwfl_module_addrdie", of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle GETSRC =
      bind(LIB, "dwfl_module_getsrc", of(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LINEINFO =
      bind(LIB, "dwfl_lineinfo", of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle GETSCOPES =
      bind(LIB, "dwarf_getscopes", of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle GETSCOPES_DIE =
      bind(LIB, "dwarf_getscopes_die", of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle DIEOFFSET =
      bind(LIB, "dwarf_dieoffset", of(JAVA_LONG, ADDRESS));
  private static final MethodHandle OFFDIE =
      bind(LIB, "dwarf_offdie", of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle TAG = bind(LIB, "dwarf_tag", of(JAVA_INT, ADDRESS));
  private static final MethodHandle ATTR_INTEGRATE =
      bind(LIB, "dwarf_attr_integrate", of(ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
  private static final MethodHandle FORMSTRING =
      bind(LIB, "dwarf_formstring", of(ADDRESS, ADDRESS));
  private static final MethodHandle FORMUDATA =
      bind(LIB, "dwarf_formudata", of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle GETSRCFILES =
      bind(LIB, "dwarf_getsrcfiles", of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FILESRC =
      bind(LIB, "dwarf_filesrc", of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

  private LibDw() {}

  public static MemorySegment begin(MemorySegment callbacks) {
    try {
      return (MemorySegment) BEGIN.invokeExact(callbacks);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static void end(MemorySegment dwfl) {
    try {
      END.invokeExact(dwfl);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static MemorySegment reportOffline(
      MemorySegment dwfl, MemorySegment name, MemorySegment file) {
    try {
      return (MemorySegment) REPORT_OFFLINE.invokeExact(dwfl, name, file, -1);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int reportEnd(MemorySegment dwfl) {
    try {
      return (int) REPORT_END.invokeExact(dwfl, MemorySegment.NULL, MemorySegment.NULL);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The text of the last error of this thread. */
  public static String lastError() {
    try {
      return stringOrNull((MemorySegment) ERRMSG.invokeExact(-1));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static MemorySegment moduleElf(MemorySegment module, MemorySegment bias) {
    try {
      return (MemorySegment) GETELF.invokeExact(module, bias);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static MemorySegment moduleDwarf(MemorySegment module, MemorySegment bias) {
    try {
      return (MemorySegment) GETDWARF.invokeExact(module, bias);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The ELF symbol an address lies in, or null; {@code offset} and {@code symbol} are filled. */
  public static String moduleAddressSymbol(
      MemorySegment module, long address, MemorySegment offset, MemorySegment symbol) {
    try {
      MemorySegment none = MemorySegment.NULL;
      return stringOrNull(
          (MemorySegment) ADDRINFO.invokeExact(module, address, offset, symbol, none, none, none));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** How many symbols there are in all tables of a module, or -1. */
  public static int moduleSymbols(MemorySegment module) {
    try {
      return (int) GETSYMTAB.invokeExact(module);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The index behind those of local symbols. */
  public static int moduleFirstGlobal(MemorySegment module) {
    try {
      return (int) FIRST_GLOBAL.invokeExact(module);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The name of a symbol, valid as long as the module, or null; {@code symbol} is filled. */
  public static MemorySegment moduleSymbol(
      MemorySegment module, int index, MemorySegment symbol, MemorySegment section) {
    try {
      return (MemorySegment) GETSYM.invokeExact(module, index, symbol, section);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A name that {@link #moduleSymbol} gave. */
  public static String text(MemorySegment pointer) {
    return stringOrNull(pointer);
  }

  /** The compilation unit an address lies in; {@code bias} is what DWARF addresses lack. */
  public static MemorySegment moduleAddressUnit(
      MemorySegment module, long address, MemorySegment bias) {
    try {
      return (MemorySegment) ADDRDIE.invokeExact(module, address, bias);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static MemorySegment moduleLine(MemorySegment module, long address) {
    try {
      return (MemorySegment) GETSRC.invokeExact(module, address);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The file of a line record, or null; {@code line} (an int) is filled. */
  public static String lineFile(MemorySegment lineRecord, MemorySegment line) {
    try {
      MemorySegment none = MemorySegment.NULL;
      return stringOrNull(
          (MemorySegment) LINEINFO.invokeExact(lineRecord, none, line, none, none, none));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Fills {@code scopes} with a pointer to a malloc'd array of DIEs, innermost first. */
  public static int scopes(MemorySegment unit, long dwarfAddress, MemorySegment scopes) {
    try {
      return (int) GETSCOPES.invokeExact(unit, dwarfAddress, scopes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** As {@link #scopes}, but the physically containing DIEs of a DIE. */
  public static int scopesOfDie(MemorySegment die, MemorySegment scopes) {
    try {
      return (int) GETSCOPES_DIE.invokeExact(die, scopes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static long dieOffset(MemorySegment die) {
    try {
      return (long) DIEOFFSET.invokeExact(die);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static MemorySegment dieAt(MemorySegment dwarf, long offset, MemorySegment die) {
    try {
      return (MemorySegment) OFFDIE.invokeExact(dwarf, offset, die);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  public static int tag(MemorySegment die) {
    try {
      return (int) TAG.invokeExact(die);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** A string attribute of a DIE or of what it is an instance of, or null. */
  public static String stringAttribute(MemorySegment die, int name, MemorySegment scratch) {
    try {
      MemorySegment attribute = (MemorySegment) ATTR_INTEGRATE.invokeExact(die, name, scratch);
      return attribute.address() == 0
          ? null
          : stringOrNull((MemorySegment) FORMSTRING.invokeExact(attribute));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** An unsigned attribute of a DIE, or -1. */
  public static long numberAttribute(
      MemorySegment die, int name, MemorySegment scratch, MemorySegment value) {
    try {
      MemorySegment attribute = (MemorySegment) ATTR_INTEGRATE.invokeExact(die, name, scratch);
      if (attribute.address() == 0 || (int) FORMUDATA.invokeExact(attribute, value) != 0) {
        return -1;
      }
      return value.get(JAVA_LONG, 0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The name of file {@code index} of a unit's line table, or null. */
  public static String sourceFile(MemorySegment unit, long index, MemorySegment files) {
    try {
      MemorySegment none = MemorySegment.NULL;
      if ((int) GETSRCFILES.invokeExact(unit, files, none) != 0) {
        return null;
      }
      MemorySegment table = files.get(ADDRESS, 0);
      return stringOrNull((MemorySegment) FILESRC.invokeExact(table, index, none, none));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
