package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.elf.FunctionTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Names from symbol tables alone: the object's own, or those of its separate debug file. */
final class ElfSource implements ObjectSymbols.Source {
  private static final Path DEBUG_ROOT = Path.of("/usr/lib/debug/.build-id");

  private final FunctionTable own;
  private final FunctionTable separate;

  private ElfSource(FunctionTable own, FunctionTable separate) {
    this.own = own;
    this.separate = separate;
  }

  static ElfSource open(ElfFile elf) throws IOException {
    return new ElfSource(FunctionTable.of(elf), separateTable(elf));
  }

  @Override
  public List<SourceFrame> lookup(long vaddr) {
    return Optional.ofNullable(separate)
        .flatMap(table -> table.covering(vaddr))
        .or(() -> own.covering(vaddr))
        .map(symbol ->
            new SourceFrame(
                Demangler.demangle(symbol.name()), vaddr - symbol.vaddr(), null, null, false))
        .map(List::of)
        .orElse(List.of());
  }

  @Override
  public void close() {}

  private static FunctionTable separateTable(ElfFile elf) {
    String id = elf.buildId().orElse("");
    if (id.length() < 4) {
      return null;
    }
    Path file = DEBUG_ROOT.resolve(id.substring(0, 2)).resolve(id.substring(2) + ".debug");
    if (!Files.isReadable(file)) {
      return null;
    }
    try (ElfFile debug = ElfFile.open(file)) {
      return FunctionTable.of(debug);
    } catch (IOException damaged) {
      return null; // the object's own table still answers
    }
  }
}
