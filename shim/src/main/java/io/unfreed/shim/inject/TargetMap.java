package io.unfreed.shim.inject;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where things lie in the target: its loader, C library, allocator. Found once per injection. */
final class TargetMap {
  /** Entered by every program that allocates; four are as many as there are breakpoints. */
  private static final List<String> ALLOCATOR = List.of("malloc", "free", "calloc", "realloc");

  private final TargetProcess process;
  private final RemoteMemory memory;
  private final RemoteLoader loader;
  private final List<RemoteObject> objects;
  private final RemoteObject libc;
  private final CodeSpots code;
  private final List<Long> allocatorEntries;
  private final List<Mapping> loaderCode;
  private final List<Mapping> allocatorCode;

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
    this.loaderCode = sameFile(mappings, loader.base());
    Optional<RemoteObject> allocator = RemoteLoader.defining(objects, ALLOCATOR.get(0));
    this.allocatorEntries = new ArrayList<>();
    for (String name : ALLOCATOR) {
      if (allocator.isPresent()) {
        allocator.get().symbol(name).ifPresent(allocatorEntries::add);
      }
    }
    // A program with an allocator inside sleeps in its own code, too; libc's never sleeps.
    boolean ownLibrary =
        allocator.isPresent() && allocator.get() != libc && !allocator.get().name().isEmpty();
    this.allocatorCode = ownLibrary ? sameFile(mappings, allocatorEntries.get(0)) : List.of();
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

  List<Long> allocatorEntries() {
    return allocatorEntries;
  }

  boolean isInLoader(long pc) {
    return loaderCode.stream().anyMatch(m -> m.contains(pc));
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

  private static List<Mapping> sameFile(List<Mapping> mappings, long address) {
    String path =
        mappings.stream()
            .filter(m -> m.contains(address))
            .findFirst()
            .map(Mapping::path)
            .orElse("");
    return mappings.stream()
        .filter(m -> m.contains(address) || (!path.isEmpty() && m.path().equals(path)))
        .toList();
  }
}
