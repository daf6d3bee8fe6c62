package io.unfreed.bpf.symbols;

import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.elf.FileIdentity;
import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Objects opened once for all processes that map them, until closed. They are opened as soon as
 * they are seen, because a process may end and a file be replaced. The one not asked for longest
 * makes room for another. Thread-safe.
 */
public final class ObjectSymbolCache implements AutoCloseable {
  /** Each has some mappings, of which the kernel lets a process have 65530. */
  private static final int MOST_OBJECTS = 8192;

  /** An object; elf, closed already, and symbols are null where it could not be opened. */
  record Entry(String path, Key key, ElfFile elf, ObjectSymbols symbols) {
    /** Whether it has made room for others. */
    boolean isClosed() {
      return symbols != null && symbols.isClosed();
    }
  }

  /** What a file was when it was opened, and its number. */
  private record Key(String identity, long inode) {}

  /**
   * What processes told.
   *
   * @param buildId in hex, or null
   * @param teller null when it holds for all processes
   */
  private record Told(String path, String buildId, Teller teller) {}

  private final int most;
  private final LinkedHashMap<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Set<Entry>> byInode = new HashMap<>();
  private final LinkedHashMap<Told, Entry> told = new LinkedHashMap<>(16, 0.75f, true);

  public ObjectSymbolCache() {
    this(MOST_OBJECTS);
  }

  ObjectSymbolCache(int most) {
    this.most = most;
  }

  /** Opens files that a command is about to map. */
  public synchronized void hold(List<Path> files) {
    for (Path file : files) {
      try {
        hold(NativePath.text(file.toRealPath()), inode(file), file);
      } catch (IOException gone) {
        // It will be seen in the process's maps, or not be symbolised.
      }
    }
  }

  synchronized Entry hold(MappedObject object) {
    return hold(object.path(), object.inode(), object.openable());
  }

  /** One that cannot be opened is not kept: another process may have it where that can be done. */
  private Entry hold(String path, long inode, Path openable) {
    Entry opened = opened(path, inode, openable);
    return opened.elf == null
        ? anyWithInode(inode).filter(seen -> seen.path.equals(path)).orElse(opened)
        : opened;
  }

  /**
   * By what the file is now: mount namespaces have files of their own under one path and inode
   * number, and a compiler, or cp, may write another program into the same file.
   */
  private Entry opened(String path, long inode, Path openable) {
    Key key = new Key(FileIdentity.of(openable) + ":" + path, inode);
    Entry known = entries.get(key);
    if (known != null) {
      return known;
    }
    Entry opened = open(path, key, openable);
    if (opened.symbols != null) {
      makeRoom();
      entries.put(key, opened);
      byInode.computeIfAbsent(inode, i -> new LinkedHashSet<>()).add(opened);
    }
    return opened;
  }

  private void makeRoom() {
    while (entries.size() >= most) {
      Entry eldest = entries.pollFirstEntry().getValue();
      byInode.computeIfPresent(
          eldest.key.inode,
          (inode, those) -> those.remove(eldest) && those.isEmpty() ? null : those);
      eldest.symbols.close();
    }
  }

  /**
   * A place in an object that a process itself told of: by its address in the file. Names come from
   * the file that can be opened there now, if its build id is the one that was told, else from what
   * the process still maps: its file may have been removed, or another one put in its place. An
   * object without a build id has the names of what the process maps, else of a file that is known
   * to be as it was.
   *
   * @param path as the process knows it
   * @param buildId in hex, or null when the object has none
   */
  public CodeLocation locate(String path, String buildId, Teller teller, long address) {
    String name = ProcessMaps.withoutDeleted(path);
    Entry entry = told(name, buildId, teller);
    return new CodeLocation(name, buildId, address, entry.symbols, List.of());
  }

  /** That nothing was found holds for that process alone: another may lead to it. */
  private synchronized Entry told(String path, String buildId, Teller teller) {
    Told byAll = new Told(path, buildId, null);
    Told byOne = new Told(path, buildId, teller);
    Entry known = told.getOrDefault(byAll, told.get(byOne));
    if (known == null || known.isClosed()) {
      known = path.startsWith("/") ? find(path, buildId, teller) : nothing(path);
      if (told.size() >= most) {
        told.pollFirstEntry();
      }
      told.put(known.symbols != null && buildId != null ? byAll : byOne, known);
    } else {
      entries.get(known.key); // asked for
    }
    return known;
  }

  private Entry find(String path, String buildId, Teller teller) {
    ToldFiles files = new ToldFiles(path, teller);
    Stream<Path> candidates =
        buildId != null
            ? Stream.concat(files.named(), files.held())
            : Stream.concat(files.held(), files.namedAsItWas());
    return candidates
        .flatMap(file -> opened(path, file).stream())
        .filter(entry -> Objects.equals(entry.elf.buildId().orElse(null), buildId))
        .findFirst()
        .orElse(nothing(path));
  }

  private static Entry nothing(String path) {
    return new Entry(path, null, null, null);
  }

  private Optional<Entry> opened(String path, Path file) {
    try {
      return Optional.of(opened(path, inode(file), file)).filter(entry -> entry.symbols != null);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static long inode(Path file) throws IOException {
    return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
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
        .flatMap(entry -> entry.symbols.limitation().stream())
        .findFirst();
  }

  private static Entry open(String path, Key key, Path openable) {
    ElfFile elf = null;
    try {
      elf = ElfFile.open(openable);
      elf.close(); // else a mapping more for each
      return new Entry(path, key, elf, ObjectSymbols.open(openable));
    } catch (IOException gone) {
      return new Entry(path, key, elf, null);
    }
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(entry -> entry.symbols.close());
    entries.clear();
    byInode.clear();
    told.clear();
  }
}
