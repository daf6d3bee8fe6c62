package io.unfreed.shim.inject;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** Copies of the library that are in the target already, from an earlier injection or a preload. */
final class LoadedLibrary {
  private static final String MARK = "unfreed_shim_attach";

  /** Set by the library while its hooks are in place. */
  private static final String ACTIVE = "unfreed_shim_active";

  /** The ELF header, program headers and build id are in it. */
  private static final int HEAD_BYTES = 4096;

  private static final int L_NAME = 8;
  private static final int L_LD = 16;

  private LoadedLibrary() {}

  /** Whether it is a copy of the library, of whichever version. */
  static boolean isOurs(RemoteObject object) throws IOException {
    return object.symbol(MARK).isPresent();
  }

  /** Refuses a process in which a copy, of whichever version, is at work. */
  static void check(TargetMap target, byte[] library)
      throws IOException, InjectionRefusedException {
    for (RemoteObject object : target.objects()) {
      if (isOurs(object) && !isSame(target, object, library)) {
        Optional<Long> active = object.symbol(ACTIVE);
        if (active.isEmpty() || target.memory().u32(active.get()) != 0) {
          throw new InjectionRefusedException(
              "it is recorded by another version of Unfreed already");
        }
      }
    }
  }

  /** The same library, idle or not. */
  static Optional<RemoteObject> find(TargetMap target, byte[] library) throws IOException {
    for (RemoteObject object : target.objects()) {
      if (isOurs(object) && isSame(target, object, library)) {
        return Optional.of(object);
      }
    }
    return Optional.empty();
  }

  /** A name that no object has yet: dlopen would take that one for ours. */
  static String pathFor(TargetMap target, int fd) {
    StringBuilder prefix = new StringBuilder("/proc/self/");
    while (true) {
      String path = prefix + "fd/" + fd;
      if (target.objects().stream().noneMatch(object -> object.name().equals(path))) {
        return path;
      }
      prefix.append("./");
    }
  }

  static RemoteObject ofLinkMap(RemoteMemory memory, long map) throws IOException {
    return new RemoteObject(
        memory, memory.string(memory.u64(map + L_NAME)), memory.u64(map), memory.u64(map + L_LD));
  }

  private static boolean isSame(TargetMap target, RemoteObject object, byte[] library)
      throws IOException {
    // Of its symbols it takes some back itself; they lie behind the others.
    long head = Math.min(HEAD_BYTES, object.symbols() - object.base());
    int bytes = Math.clamp(head, 0, library.length);
    return Arrays.equals(target.memory().read(object.base(), bytes), Arrays.copyOf(library, bytes));
  }
}
