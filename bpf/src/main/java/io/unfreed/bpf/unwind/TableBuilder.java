package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.MemoryFile;
import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code tables/table.h}: the builder of rules, which is the recording library's own reader of call
 * frame information in a library for the collector. Any thread.
 */
final class TableBuilder {
  private static final String LIBRARY = "/io/unfreed/bpf/libunfreed-tables.so";
  private static final int OF_LINKER = 1;

  // struct unfreed_table: u64 rows; pointers starts, codes; u64 rule_count; pointer rules;
  // u64 functions, unreadable
  private static final long TABLE_BYTES = 56;

  private static Optional<TableBuilder> loaded;

  private final MethodHandle build;
  private final MethodHandle free;
  private final MethodHandle layOut;

  private TableBuilder(SymbolLookup library) {
    Linker linker = Linker.nativeLinker();
    build =
        linker.downcallHandle(
            library.findOrThrow("unfreed_table_build"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    layOut =
        linker.downcallHandle(
            library.findOrThrow("unfreed_table_lay_out"),
            FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS),
            Linker.Option.critical(true));
    free =
        linker.downcallHandle(
            library.findOrThrow("unfreed_table_free"), FunctionDescriptor.ofVoid(ADDRESS));
  }

  /** Fills nodes with a table; {@link NodeTree} says how many. */
  void layOut(RuleTable table, short[] numbers, MemorySegment nodes) {
    try {
      layOut.invokeExact(
          (long) table.starts().length,
          MemorySegment.ofArray(table.starts()),
          MemorySegment.ofArray(table.codes()),
          MemorySegment.ofArray(numbers),
          nodes);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** The builder; empty where this build has none. */
  static synchronized Optional<TableBuilder> load() {
    if (loaded == null) {
      loaded = tryToLoad();
    }
    return loaded;
  }

  private static Optional<TableBuilder> tryToLoad() {
    try (InputStream in = TableBuilder.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        return Optional.empty();
      }
      try (MemoryFile file = MemoryFile.holding("unfreed-tables", in.readAllBytes())) {
        String library = file.pathOfThread().toString(); // a Path's real one is of no file
        return Optional.of(new TableBuilder(SymbolLookup.libraryLookup(library, Arena.global())));
      }
    } catch (IOException | IllegalArgumentException refused) {
      return Optional.empty(); // memory that may not be run
    }
  }

  /**
   * Reads a file's call frame information.
   *
   * @param linker it is the dynamic linker, at whose first instruction a stack begins
   * @throws IOException naming the file and why not
   */
  RuleTable build(Path file, boolean linker) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(TABLE_BYTES, 8);
      MemorySegment path = arena.allocateFrom(NativePath.text(file));
      int error = (int) build.invokeExact(path, linker ? OF_LINKER : 0, table);
      if (error < 0) {
        throw new IOException(file + " has no rules: " + Errno.describe(-error));
      }
      try {
        return copy(table);
      } finally {
        free.invokeExact(table);
      }
    } catch (IOException | RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static RuleTable copy(MemorySegment table) {
    long rows = table.get(JAVA_LONG, 0);
    long rules = table.get(JAVA_LONG, 24);
    return new RuleTable(
        table.get(ADDRESS, 8).reinterpret(rows * Integer.BYTES).toArray(JAVA_INT),
        table.get(ADDRESS, 16).reinterpret(rows * Short.BYTES).toArray(JAVA_SHORT),
        table.get(ADDRESS, 32).reinterpret(rules * Long.BYTES).toArray(JAVA_LONG),
        table.get(JAVA_LONG, 40),
        table.get(JAVA_LONG, 48));
  }
}
