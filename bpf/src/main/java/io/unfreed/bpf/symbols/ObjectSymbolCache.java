package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Objects opened once for all processes that map them, until closed. Thread-safe. */
public final class ObjectSymbolCache implements AutoCloseable {
  /** An object, or what could not be opened. */
  private record Entry(ElfFile elf, ObjectSymbols symbols) implements AutoCloseable {
    @Override
    public void close() {
      if (symbols != null) {
        symbols.close();
      }
      if (elf != null) {
        elf.close();
      }
    }
  }

  private final Map<String, Entry> entries = new HashMap<>();

  /** The frame an address in a mapped object stands for; the object may be gone. */
  synchronized ResolvedFrame resolve(MappedObject object, long ip) {
    long offset = ip - object.start() + object.fileOffset();
    Entry entry = entries.computeIfAbsent(key(object), key -> open(object));
    long vaddr = entry.elf == null ? -1 : entry.elf.vaddrOfFileOffset(offset);
    if (vaddr < 0) {
      return new ResolvedFrame(object.path(), null, offset, List.of());
    }
    List<SourceFrame> names = entry.symbols == null ? List.of() : entry.symbols.lookup(vaddr);
    return new ResolvedFrame(object.path(), entry.elf.buildId().orElse(null), vaddr, names);
  }

  /** Opens an object while it can be: its process may end, its file may be replaced. */
  synchronized void hold(MappedObject object) {
    entries.computeIfAbsent(key(object), key -> open(object));
  }

  /** A line for the user when objects are symbolised worse than they could be. */
  public synchronized Optional<String> limitation() {
    return entries.values().stream()
        .filter(entry -> entry.symbols != null)
        .flatMap(entry -> entry.symbols.limitation().stream())
        .findFirst();
  }

  private static Entry open(MappedObject object) {
    ElfFile elf = null;
    try {
      elf = ElfFile.open(object.openable());
      return new Entry(elf, ObjectSymbols.open(object.openable()));
    } catch (IOException gone) {
      return new Entry(elf, null);
    }
  }

  private static String key(MappedObject object) {
    return object.device() + ":" + object.inode() + ":" + object.path();
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(Entry::close);
    entries.clear();
  }
}
