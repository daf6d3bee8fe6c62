package io.unfreed.shim.inject;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The target's dynamic loader: {@code struct r_debug} of {@code link.h}, which debuggers read, and
 * its locks.
 */
final class RemoteLoader {
  /** A damaged list must not keep us. */
  private static final int MAX_OBJECTS = 100_000;

  private static final int R_MAP = 8;
  private static final int R_STATE = 24;
  private static final int RT_CONSISTENT = 0;
  private static final String VARIABLES = "_rtld_global";
  private static final int MAX_VARIABLES_BYTES = 64 << 10;

  /** {@code struct __pthread_mutex_s} up to its kind: five ints. */
  private static final int MUTEX_BYTES = 20;

  private static final int RECURSIVE = 1;
  private static final int L_NAME = 8;
  private static final int L_LD = 16;
  private static final int L_NEXT = 24;

  private final RemoteMemory memory;
  private final long base;
  private final long debug;

  /** Its variables, the locks among them; 0 bytes when it does not say where. */
  private final long variables;

  private final int variablesBytes;

  private RemoteLoader(RemoteMemory memory, RemoteObject loader, long debug) throws IOException {
    this.memory = memory;
    this.base = loader.base();
    this.debug = debug;
    this.variables = loader.symbol(VARIABLES).orElse(0L);
    this.variablesBytes = (int) Math.min(loader.sizeOf(VARIABLES), MAX_VARIABLES_BYTES);
  }

  static RemoteLoader at(RemoteMemory memory, long base) throws IOException {
    RemoteObject loader = RemoteObject.at(memory, "the dynamic loader", base);
    long debug =
        loader
            .symbol("_r_debug")
            .orElseThrow(() -> new IOException("the dynamic loader has no _r_debug"));
    return new RemoteLoader(memory, loader, debug);
  }

  long base() {
    return base;
  }

  /** Whether objects are being mapped or unmapped just now. */
  boolean isBusy() throws IOException {
    return memory.u32(debug + R_STATE) != RT_CONSISTENT;
  }

  /**
   * Whether a thread other than that one holds one of the loader's locks. So it does while it runs
   * a constructor or destructor of a library that it loads or unloads, or a callback of
   * dl_iterate_phdr, and there it may wait for just the thread that is to load another one. All
   * these locks are recursive mutexes (glibc's ldsodefs.h); a held one is known by its look, for
   * their places differ between versions.
   *
   * @param tid as the target itself knows the thread
   */
  boolean isHeldByOtherThan(int tid) throws IOException {
    ByteBuffer words = memory.buffer(variables, variablesBytes);
    for (int at = 0; at + MUTEX_BYTES <= variablesBytes; at += Long.BYTES) {
      if (isHeldMutex(words, at) && words.getInt(at + 8) != tid) {
        return true;
      }
    }
    return false;
  }

  /** Its lock, depth, owner, users (one) and kind. */
  private static boolean isHeldMutex(ByteBuffer words, int at) {
    int lock = words.getInt(at);
    return (lock == 1 || lock == 2)
        && words.getInt(at + 4) > 0
        && words.getInt(at + 8) > 0
        && words.getInt(at + 12) == 1
        && words.getInt(at + 16) == RECURSIVE;
  }

  /** In the order that symbols are looked up in. The program itself has an empty name. */
  List<RemoteObject> objects() throws IOException {
    List<RemoteObject> objects = new ArrayList<>();
    long map = memory.u64(debug + R_MAP);
    while (map != 0 && objects.size() < MAX_OBJECTS) {
      long dynamic = memory.u64(map + L_LD);
      if (dynamic != 0) {
        String name = memory.string(memory.u64(map + L_NAME));
        objects.add(new RemoteObject(memory, name, memory.u64(map), dynamic));
      }
      map = memory.u64(map + L_NEXT);
    }
    return objects;
  }

  static Optional<RemoteObject> named(List<RemoteObject> objects, String fileName) {
    return objects.stream().filter(object -> object.isFile(fileName)).findFirst();
  }

  /** The first object that defines a symbol, which is the one that the others use. */
  static Optional<RemoteObject> defining(List<RemoteObject> objects, String symbol)
      throws IOException {
    for (RemoteObject object : objects) {
      if (object.symbol(symbol).isPresent()) {
        return Optional.of(object);
      }
    }
    return Optional.empty();
  }
}
