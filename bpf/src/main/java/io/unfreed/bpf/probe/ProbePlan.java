package io.unfreed.bpf.probe;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.elf.ElfSymbol;
import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to probe in one object: each allocator function it defines, once per address however many
 * names that has, and the dynamic linker's debugger hook.
 *
 * @param binary the path the kernel opens
 * @param spots allocator functions; empty when the object defines none
 * @param linkerHook file offset of {@code _dl_debug_state}, or -1
 */
public record ProbePlan(String binary, List<Spot> spots, long linkerHook) {
  private static final String LINKER_HOOK = "_dl_debug_state";

  /** One address to probe. */
  public record Spot(AllocatorFunction function, String symbol, long fileOffset) {}

  /**
   * Reads an object's symbol tables.
   *
   * @param prefix before the names of heap functions, as in {@code je_}; empty for none
   */
  public static ProbePlan of(Path binary, String prefix) throws IOException {
    try (ElfFile elf = ElfFile.open(binary)) {
      Map<String, Long> functions = new HashMap<>();
      for (ElfSymbol symbol : elf.functions()) {
        functions.putIfAbsent(symbol.name(), symbol.vaddr());
      }
      return new ProbePlan(
          NativePath.text(binary),
          spots(elf, functions, prefix),
          functions.containsKey(LINKER_HOOK) ? elf.fileOffset(functions.get(LINKER_HOOK)) : -1);
    }
  }

  public boolean isEmpty() {
    return spots.isEmpty() && linkerHook < 0;
  }

  private static List<Spot> spots(ElfFile elf, Map<String, Long> functions, String prefix) {
    boolean allocator = functions.containsKey(prefix + "malloc");
    Set<Long> taken = new HashSet<>();
    List<Spot> spots = new ArrayList<>();
    for (AllocatorFunction function : AllocatorFunction.values()) {
      if (function.isCxxOperator() && !allocator) {
        continue;
      }
      for (String name : function.symbols()) {
        String symbol = function.isPlain() ? name : prefix + name;
        Long vaddr = functions.get(symbol);
        if (vaddr != null && elf.fileOffset(vaddr) >= 0 && taken.add(vaddr)) {
          spots.add(new Spot(function, symbol, elf.fileOffset(vaddr)));
        }
      }
    }
    return List.copyOf(spots);
  }
}
