package io.unfreed.bpf.elf;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** An object's functions ordered by address, for finding the one an address lies in. */
public final class FunctionTable {
  private final long[] vaddrs;
  private final List<ElfSymbol> symbols;

  private FunctionTable(List<ElfSymbol> sorted) {
    this.symbols = sorted;
    this.vaddrs = sorted.stream().mapToLong(ElfSymbol::vaddr).toArray();
  }

  public static FunctionTable of(ElfFile elf) throws IOException {
    return new FunctionTable(
        elf.functions().stream()
            .sorted(Comparator.comparingLong(ElfSymbol::vaddr).thenComparing(ElfSymbol::name))
            .toList());
  }

  public boolean isEmpty() {
    return symbols.isEmpty();
  }

  /** The function that covers an address; one of unknown size covers up to the next. */
  public Optional<ElfSymbol> covering(long vaddr) {
    int at = java.util.Arrays.binarySearch(vaddrs, vaddr);
    int last = at >= 0 ? at : -at - 2;
    while (last + 1 < vaddrs.length && vaddrs[last + 1] == vaddr) {
      last++;
    }
    if (last < 0) {
      return Optional.empty();
    }
    // Aliases share an address: take the first that covers, so that the answer is stable.
    long start = vaddrs[last];
    ElfSymbol best = null;
    for (int i = last; i >= 0 && vaddrs[i] == start; i--) {
      ElfSymbol symbol = symbols.get(i);
      if (symbol.sizeBytes() == 0 || vaddr - start < symbol.sizeBytes()) {
        best = symbol;
      }
    }
    return Optional.ofNullable(best);
  }
}
