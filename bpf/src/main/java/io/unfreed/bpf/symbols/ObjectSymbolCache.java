package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.elf.FileIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

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
  private final Map<Long, Set<Entry>> byInode = new HashMap<>();

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

  /**
   * By what the file is now: mount namespaces have files of their own under one path and inode
   * number, and a compiler, or cp, may write another program into the same file.
   */
  private Entry hold(String path, long inode, Path openable) {
    String key = FileIdentity.of(openable) + ":" + path;
    Entry known = entries.get(key);
    if (known != null) {
      return known;
    }
    Entry opened = open(path, openable);
    if (opened.elf == null) { // not kept: another process may have it where it can be opened
      return anyWithInode(inode).filter(seen -> seen.path.equals(path)).orElse(opened);
    }
    entries.put(key, opened);
    byInode.computeIfAbsent(inode, i -> new LinkedHashSet<>()).add(opened);
    return opened;
  }

  /**
   * A place in an object that a process itself told of: by its address in the file. Names come from
   * the file that can be opened there now, if its build id is the one that was told, else from what
   * the process still maps: its file may have been removed, or another one put in its place.
   *
   * @param path as the process knows it
   * @param buildId in hex, or null when the object has none
   * @param tgid of the process, whose root is tried when our own has no such file
   */
  public CodeLocation locate(String path, String buildId, int tgid, long address) {
    String name = ProcessMaps.withoutDeleted(path);
    Entry entry = told(name, buildId, tgid);
    return new CodeLocation(name, buildId, address, entry.symbols, List.of());
  }

  private synchronized Entry told(String path, String buildId, int tgid) {
    return entries.computeIfAbsent(buildId + ":" + path, key -> openTold(path, buildId, tgid));
  }

  private static Entry openTold(String path, String buildId, int tgid) {
    for (Path file : ToldFiles.of(path, tgid)) {
      if (path.startsWith("/") && Files.isRegularFile(file)) {
        Entry entry = open(path, file);
        String found = entry.elf == null ? null : entry.elf.buildId().orElse(null);
        if (entry.symbols != null && Objects.equals(found, buildId)) {
          return entry;
        }
        entry.close();
      }
    }
    return new Entry(path, null, null);
  }

  /**
   * An object of any process: a guess by inode, for a process that is gone. The one opened last;
   * none when files of several paths have that number.
   */
  synchronized Optional<Entry> anyWithInode(long inode) {
    Set<Entry> known = byInode.getOrDefault(inode, Set.of());
    return known.stream().map(Entry::path).distinct().count() == 1
        ? known.stream().reduce((first, second) -> second)
        : Optional.empty();
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
