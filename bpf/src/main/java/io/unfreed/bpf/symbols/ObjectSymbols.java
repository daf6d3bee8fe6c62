package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.ffi.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The symbols and source lines of one ELF object on disk; needs no root and no live process. With
 * libdw installed: names, offsets, files, lines and inlined calls, also from separate debug files
 * found by build id or debug link. Without it: names and offsets only, and {@link #limitation()}
 * says so. Any thread may call {@link #lookup}; calls are serialised.
 */
public final class ObjectSymbols implements AutoCloseable {
  private final HeldFile file;
  private final Source source;
  private final String buildId;
  private final String limitation;
  private volatile boolean closed;

  /** Where the answers come from. */
  sealed interface Source extends AutoCloseable permits DwarfSource, ElfSource {
    List<SourceFrame> lookup(long vaddr);

    @Override
    void close();
  }

  private ObjectSymbols(HeldFile file, Source source, String buildId, String limitation) {
    this.file = file;
    this.source = source;
    this.buildId = buildId;
    this.limitation = limitation;
  }

  /**
   * Opens an object.
   *
   * @throws IOException if it is not a readable 64-bit ELF file
   */
  public static ObjectSymbols open(Path elf) throws IOException {
    return open(elf, NativeLibraries.libdw().isPresent());
  }

  static ObjectSymbols open(Path elf, boolean useLibdw) throws IOException {
    HeldFile held = HeldFile.of(elf);
    try (ElfFile file = ElfFile.open(elf)) {
      String buildId = file.buildId().orElse(null);
      if (useLibdw) {
        return new ObjectSymbols(held, DwarfSource.open(elf), buildId, null);
      }
      return new ObjectSymbols(
          held,
          ElfSource.open(file),
          buildId,
          "libdw.so.1 is missing: function names only, no source lines and no inlined calls"
              + " (Debian: apt install libdw1)");
    } catch (IOException | RuntimeException failed) {
      held.close();
      throw failed;
    }
  }

  /**
   * The frames at an ELF virtual address (ip minus load bias; for a return address pass it minus
   * 1), innermost first. Several when calls were inlined; empty when nothing is known, when the
   * file was written to since it was opened, and when this is closed.
   */
  public synchronized List<SourceFrame> lookup(long vaddr) {
    return closed || file.hasChanged() ? List.of() : source.lookup(vaddr);
  }

  /** The GNU build id in hex, if the object has one. */
  public Optional<String> buildId() {
    return Optional.ofNullable(buildId);
  }

  /** Why answers are poorer than they could be, in one line for the user. */
  public Optional<String> limitation() {
    return Optional.ofNullable(limitation);
  }

  boolean isClosed() {
    return closed;
  }

  /** Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    source.close();
    file.close();
  }
}
