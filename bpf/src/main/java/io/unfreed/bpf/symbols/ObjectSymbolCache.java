package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Objects opened once for all processes that map them, until closed. They are opened as soon as
 * they are seen, because a process may end and a file be replaced. Thread-safe.
 */
public final class ObjectSymbolCache implements AutoCloseable {
  /** An object; elf and symbols are null where it could not be opened. */
  record Entry(String path, ElfFile elf, ObjectSymbols symbols) implements AutoCloseable {
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
  private final Map<Long, Entry> byInode = new HashMap<>();

  /** Opens files that a command is about to map. */
  public synchronized void hold(List<Path> files) {
    for (Path file : files) {
      try {
        long inode = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
        hold(file.toRealPath().toString(), inode, file);
      } catch (IOException gone) {
        // It will be seen in the process's maps, or not be symbolised.
      }
    }
  }

  synchronized Entry hold(MappedObject object) {
    return hold(object.path(), object.inode(), object.openable());
  }

  private Entry hold(String path, long inode, Path openable) {
    Entry entry = entries.computeIfAbsent(inode + ":" + path, key -> open(path, openable));
    byInode.putIfAbsent(inode, entry);
    return entry;
  }

  /**
   * A place in an object that a process itself told of: by its address in the file. Names come from
   * the file that can be opened there now, if its build id is the one that was told.
   *
   * @param path as the process knows it
   * @param buildId in hex, or null when the object has none
   * @param tgid of the process, whose root is tried when our own has no such file
   */
  public CodeLocation locate(String path, String buildId, int tgid, long address) {
    Entry entry = told(path, buildId, tgid);
    return new CodeLocation(path, buildId, address, entry.symbols, List.of());
  }

  private synchronized Entry told(String path, String buildId, int tgid) {
    return entries.computeIfAbsent(buildId + ":" + path, key -> openTold(path, buildId, tgid));
  }

  private static Entry openTold(String path, String buildId, int tgid) {
    for (Path file : List.of(Path.of(path), Path.of("/proc/" + tgid + "/root" + path))) {
      if (path.startsWith("/") && Files.isRegularFile(file)) {
        Entry entry = open(path, file);
        String found = entry.elf == null ? null : entry.elf.buildId().orElse(null);
        if (entry.symbols != null && java.util.Objects.equals(found, buildId)) {
          return entry;
        }
        entry.close();
      }
    }
    return new Entry(path, null, null);
  }

  /** An object of any process: a guess by inode, for a process that is gone. */
  synchronized Optional<Entry> anyWithInode(long inode) {
    return Optional.ofNullable(byInode.get(inode));
  }

  /** The place that a file offset of an object stands for; takes no lock that a lookup holds. */
  static CodeLocation locate(Entry entry, long fileOffset) {
    long vaddr = entry.elf == null ? -1 : entry.elf.vaddrOfFileOffset(fileOffset);
    if (vaddr < 0) {
      return new CodeLocation(entry.path, null, fileOffset, null, List.of());
    }
    return new CodeLocation(
        entry.path, entry.elf.buildId().orElse(null), vaddr, entry.symbols, List.of());
  }

  /** A line for the user when objects are symbolised worse than they could be. */
  public synchronized Optional<String> limitation() {
    return entries.values().stream()
        .filter(entry -> entry.symbols != null)
        .flatMap(entry -> entry.symbols.limitation().stream())
        .findFirst();
  }

  private static Entry open(String path, Path openable) {
    ElfFile elf = null;
    try {
      elf = ElfFile.open(openable);
      return new Entry(path, elf, ObjectSymbols.open(openable));
    } catch (IOException gone) {
      return new Entry(path, elf, null);
    }
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(Entry::close);
    entries.clear();
    byInode.clear();
  }
}
