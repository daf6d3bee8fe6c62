package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.ffi.BpfMap;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.MemoryMap;
import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.symbols.MappedObject;
import io.unfreed.bpf.symbols.ProcessMaps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The rules of a session's processes: of what they map when they are first seen, and of what the
 * kernel side meets later, looked for every few milliseconds by a thread of its own. Files are told
 * apart by the kernel side's own identity of them, so processes share what they have in common.
 * Until a file's rules are there, its frames are followed by frame pointers and counted. Any
 * thread.
 */
public final class UnwindTables implements AutoCloseable {
  /** Bytes of all tables: more than gdb, clang and node together need; what comes then has none. */
  static final long MOST_BYTES = 256L << 20;

  private static final long LOOK_NANOS = 50_000_000L;
  private static final String LIST_OBJECTS = "list_objects";
  private static final List<String> MAPS =
      List.of("modules", "tables", "rules", "wanted", "remembered");

  private final BpfObject bpf;
  private final BpfMap wanted;
  private final TableBuilder builder;
  private final TableStore store;
  private final Thread looking;
  private final Set<ObjectKey> noRoom = new HashSet<>();
  private volatile boolean closed;
  private long refused;

  private UnwindTables(BpfObject bpf, TableBuilder builder) {
    this.bpf = bpf;
    this.wanted = bpf.map("wanted");
    this.builder = builder;
    this.store = new TableStore(bpf, builder, MOST_BYTES);
    this.looking = Thread.ofPlatform().name("unfreed-unwind").daemon().unstarted(this::look);
  }

  /** Whether this build can make tables at all. */
  public static boolean arePossible() {
    return TableBuilder.load().isPresent();
  }

  /** Before load: for a session that has none. */
  public static void leaveOut(BpfObject bpf) {
    bpf.skip(LIST_OBJECTS);
    MAPS.forEach(map -> bpf.setMaxEntries(map, 1));
  }

  /** For a loaded program; nothing is known yet but the vdso. */
  public static UnwindTables open(BpfObject bpf) {
    UnwindTables tables = new UnwindTables(bpf, TableBuilder.load().orElseThrow());
    tables.learnVdso();
    tables.looking.start();
    return tables;
  }

  /** Makes tables of everything a process maps now. */
  public synchronized void learn(int tgid) {
    List<CodeMapping> mappings = listed(tgid);
    if (mappings.stream().allMatch(mapping -> store.has(mapping.object()))) {
      return;
    }
    try {
      ProcessMaps maps = ProcessMaps.read(tgid);
      // Whether the two tell of the same moment: else a file's rules would be kept as another's.
      Set<CodeMapping> still = Set.copyOf(listed(tgid));
      for (CodeMapping mapping : mappings) {
        if (still.contains(mapping)) {
          maps.covering(mapping.start()).ifPresent(object -> build(mapping.object(), object));
        }
      }
      store.flush();
    } catch (IOException | BpfException gone) {
      // What is met of it will be wanted.
    }
  }

  private List<CodeMapping> listed(int tgid) {
    return bpf.iterate(LIST_OBJECTS, tgid, CodeMapping.BYTES)
        .map(told -> CodeMapping.parse(told, tgid))
        .orElse(List.of());
  }

  /** Makes tables of files that will be mapped: here, so that the kernel tells their identity. */
  public synchronized void learn(List<Path> files) {
    Map<Long, Path> mapped = new HashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      files.forEach(file -> map(file, arena).ifPresent(at -> mapped.put(at.address(), file)));
      for (CodeMapping mapping : listed((int) ProcessHandle.current().pid())) {
        Path file = mapped.get(mapping.start());
        if (file != null) {
          build(mapping.object(), file);
        }
      }
      store.flush();
    } catch (BpfException refusal) {
      // As above.
    }
  }

  private static Optional<MemorySegment> map(Path file, Arena arena) {
    int descriptor;
    try {
      descriptor = LibC.open(NativePath.text(file));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    try {
      int code = MemoryMap.PROT_READ | MemoryMap.PROT_EXEC;
      return Optional.of(MemoryMap.map(arena, descriptor, 0, MemoryMap.pageBytes(), code));
    } catch (BpfException refused) {
      return Optional.empty();
    } finally {
      LibC.close(descriptor);
    }
  }

  private void build(ObjectKey key, MappedObject object) {
    build(key, object.openable());
  }

  private void build(ObjectKey key, Path file) {
    if (noRoom.contains(key) || store.has(key)) {
      return;
    }
    try {
      RuleTable table = builder.build(file, isLinker(file.getFileName().toString()));
      if (table.isEmpty()) {
        addNone(key);
      } else if (!store.add(key, table)) {
        refused++;
        addNone(key);
      }
    } catch (IOException unreadable) {
      addNone(key);
    } catch (BpfException | OutOfMemoryError full) {
      refused++;
      addNone(key);
    }
  }

  /** Nothing returns into it from what it calls; musl's is the C library as well. */
  private static boolean isLinker(String name) {
    return name.startsWith("ld-") && !name.startsWith("ld-musl");
  }

  private void addNone(ObjectKey key) {
    try {
      store.addNone(key);
    } catch (BpfException full) {
      noRoom.add(key);
    }
  }

  private void learnVdso() {
    try {
      Optional<Path> copy = Vdso.copy();
      if (copy.isPresent()) {
        try {
          build(ObjectKey.vdso(), copy.get());
          store.flush();
        } finally {
          Files.deleteIfExists(copy.get());
        }
      }
    } catch (IOException | BpfException unreadable) {
      // Its frames are then followed by frame pointers.
    }
  }

  private void look() {
    while (!closed) {
      try {
        takeWanted();
      } catch (RuntimeException full) {
        // A map without room: those frames are followed by frame pointers.
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private synchronized void takeWanted() {
    if (closed) {
      return;
    }
    Map<ObjectKey, Wanted> all = new HashMap<>();
    wanted.forEach(
        ObjectKey.BYTES,
        Wanted.BYTES,
        (key, value) -> all.put(new ObjectKey(key.toArray(JAVA_BYTE)), Wanted.of(value)));
    if (all.isEmpty()) {
      return;
    }
    try {
      all.forEach(this::grant);
      store.flush();
    } finally {
      all.keySet().forEach(key -> wanted.remove(key.bytes()));
    }
  }

  private void grant(ObjectKey key, Wanted wish) {
    try {
      ProcessMaps maps = ProcessMaps.read(wish.tgid());
      Optional<MappedObject> object = maps.covering(wish.ip());
      List<CodeMapping> now = listed(wish.tgid());
      if (object.isPresent() && (now.isEmpty() || isStill(key, object.get(), now))) {
        build(key, object.get());
      }
    } catch (IOException gone) {
      // The next process that maps it will want it.
    }
  }

  /** The wish may be of what was mapped there before. */
  private static boolean isStill(ObjectKey key, MappedObject object, List<CodeMapping> now) {
    return now.stream()
        .anyMatch(mapping ->
            mapping.object().equals(key)
                && mapping.start() >= object.start()
                && mapping.start() < object.end());
  }

  /** Tables in the kernel. */
  public synchronized int count() {
    return store.count();
  }

  /** Bytes of the tables in the kernel. */
  public synchronized long bytes() {
    return store.bytes();
  }

  /** Files whose rules found no room. */
  public synchronized long refused() {
    return refused;
  }

  /** Idempotent. The maps go with the object. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    LockSupport.unpark(looking);
    try {
      looking.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
