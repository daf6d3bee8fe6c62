package io.unfreed.shim.inject;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where things lie in the target: its loader, C library, allocator. Found once per injection. */
final class TargetMap {
  private static final String ALLOCATOR = "malloc";

  /** The function {@code syscall} is shorter. */
  private static final int SYSCALL_BYTES = 64;

  /** Libraries whose functions may hold locks that loading another one wants. */
  private static final List<String> C_LIBRARIES =
      List.of("libc.so.6", "libpthread.so.0", "libdl.so.2");

  private final TargetProcess process;
  private final RemoteMemory memory;
  private final RemoteLoader loader;
  private final List<RemoteObject> objects;
  private final RemoteObject libc;
  private final CodeSpots code;
  private final List<Mapping> loaderCode;
  private final List<Mapping> libcCode;

  /** libc's function of that name, by which others make calls of their own; 0 for none. */
  private final long syscall;

  /** Libraries that bring malloc, but libc. */
  private final List<Mapping> allocatorCode = new ArrayList<>();

  /** Then nothing tells its allocator's code from its other code. */
  private boolean programAllocates;

  /** Everything that may hold a lock which is wanted for loading or allocating. */
  private final List<Mapping> lockedCode = new ArrayList<>();

  private TargetMap(TargetProcess process, RemoteMemory memory, RemoteLoader loader)
      throws IOException, InjectionRefusedException {
    this.process = process;
    this.memory = memory;
    this.loader = loader;
    this.objects = loader.objects();
    List<Mapping> mappings = process.mappings();
    this.libc =
        RemoteLoader.named(objects, "libc.so.6")
            .orElseThrow(() -> new InjectionRefusedException("it runs without glibc's libc.so.6"));
    this.code = CodeSpots.find(memory, mappings);
    this.loaderCode = code(mappings, loader.base());
    this.libcCode = code(mappings, libc.dynamic());
    this.syscall = libc.symbol("syscall").orElse(0L);
    lockedCode.addAll(loaderCode);
    for (RemoteObject object : objects) {
      Optional<Long> malloc = object.symbol(ALLOCATOR);
      if (malloc.isPresent() && object.name().isEmpty()) {
        programAllocates = true;
      } else if (malloc.isPresent() && object != libc && !isInLoader(malloc.get())) {
        allocatorCode.addAll(code(mappings, malloc.get()));
      }
      if (C_LIBRARIES.stream().anyMatch(object::isFile) || LoadedLibrary.isOurs(object)) {
        lockedCode.addAll(code(mappings, object.dynamic()));
      }
    }
    lockedCode.addAll(allocatorCode);
  }

  static TargetMap of(TargetProcess process, long loaderBase)
      throws IOException, InjectionRefusedException {
    RemoteMemory memory = new RemoteMemory(process.tgid());
    RemoteLoader loader = RemoteLoader.at(memory, loaderBase);
    return new TargetMap(process, memory, loader);
  }

  RemoteMemory memory() {
    return memory;
  }

  /** As they are now. */
  List<Mapping> mappings() throws IOException {
    return process.mappings();
  }

  CodeSpots code() {
    return code;
  }

  List<RemoteObject> objects() {
    return objects;
  }

  boolean loaderIsBusy() throws IOException {
    return loader.isBusy();
  }

  /**
   * Whether another thread holds one of the loader's locks.
   *
   * @param tid as the target itself knows the thread
   */
  boolean loaderIsHeldByOtherThan(int tid) throws IOException {
    return loader.isHeldByOtherThan(tid);
  }

  /** Whether code is known to hold no lock that loading or allocating wants. */
  boolean isOutside(long pc) {
    return !programAllocates && lockedCode.stream().noneMatch(m -> m.contains(pc));
  }

  boolean isInLoader(long pc) {
    return loaderCode.stream().anyMatch(m -> m.contains(pc));
  }

  /** Whether a call is libc's own; a program's allocator might make it through {@code syscall}. */
  boolean isOfLibc(long pc) {
    return !programAllocates
        && libcCode.stream().anyMatch(m -> m.contains(pc))
        && (pc < syscall || pc > syscall + SYSCALL_BYTES);
  }

  boolean isInAllocatorLibrary(long pc) {
    return allocatorCode.stream().anyMatch(m -> m.contains(pc));
  }

  Optional<Long> libc(String symbol) throws IOException {
    return libc.symbol(symbol);
  }

  /** glibc since 2.34 has dlopen in libc, before that in libdl, which not every program loads. */
  long dlopen() throws IOException, InjectionRefusedException {
    for (String library : List.of("libc.so.6", "libdl.so.2")) {
      Optional<RemoteObject> object = RemoteLoader.named(objects, library);
      if (object.isPresent()) {
        Optional<Long> dlopen = object.get().symbol("dlopen");
        if (dlopen.isPresent()) {
          return dlopen.get();
        }
      }
    }
    return libc.symbol("__libc_dlopen_mode")
        .orElseThrow(() -> new InjectionRefusedException("its C library has no dlopen"));
  }

  /** The code of the file that is mapped at an address. */
  private static List<Mapping> code(List<Mapping> mappings, long address) {
    String path =
        mappings.stream()
            .filter(m -> m.contains(address))
            .findFirst()
            .map(Mapping::path)
            .orElse("");
    return mappings.stream()
        .filter(Mapping::executable)
        .filter(m -> m.contains(address) || (!path.isEmpty() && m.path().equals(path)))
        .toList();
  }
}
