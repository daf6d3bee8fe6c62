package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

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
    return Stream.<Supplier<Stream<Path>>>of(
            () -> Stream.of(Path.of(path), Path.of("/proc/" + tgid + "/root" + path)),
            () -> stillMapped(path, tgid))
        .flatMap(Supplier::get)
        .filter(file -> path.startsWith("/") && Files.isRegularFile(file))
        .flatMap(file -> openTold(path, buildId, file).stream())
        .findFirst()
        .orElseGet(() -> new Entry(path, null, null));
  }

  private static Optional<Entry> openTold(String path, String buildId, Path file) {
    Entry entry = open(path, file);
    String found = entry.elf == null ? null : entry.elf.buildId().orElse(null);
    if (entry.symbols != null && Objects.equals(found, buildId)) {
      return Optional.of(entry);
    }
    entry.close();
    return Optional.empty();
  }

  /** The program, which its user may open, and mappings, which take CAP_CHECKPOINT_RESTORE. */
  private static Stream<Path> stillMapped(String path, int tgid) {
    try {
      List<Path> files = new ArrayList<>();
      Path program = Path.of("/proc/" + tgid + "/exe");
      if (ProcessMaps.withoutDeleted(Files.readSymbolicLink(program).toString()).equals(path)) {
        files.add(program);
      }
      for (MappedObject object : ProcessMaps.read(tgid).objects()) {
        if (object.path().equals(path)) {
          files.add(object.openable());
        }
      }
      return files.stream();
    } catch (IOException gone) {
      return Stream.empty();
    }
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
