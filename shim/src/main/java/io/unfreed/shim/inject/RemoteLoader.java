package io.unfreed.shim.inject;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The target's dynamic loader: {@code struct r_debug} of {@code link.h}, which debuggers read. */
final class RemoteLoader {
  /** A damaged list must not keep us. */
  private static final int MAX_OBJECTS = 100_000;

  private static final int R_MAP = 8;
  private static final int R_STATE = 24;
  private static final int RT_CONSISTENT = 0;
  private static final int L_NAME = 8;
  private static final int L_LD = 16;
  private static final int L_NEXT = 24;

  private final RemoteMemory memory;
  private final long base;
  private final long debug;

  private RemoteLoader(RemoteMemory memory, long base, long debug) {
    this.memory = memory;
    this.base = base;
    this.debug = debug;
  }

  static RemoteLoader at(RemoteMemory memory, long base) throws IOException {
    long debug =
        RemoteObject.at(memory, "the dynamic loader", base)
            .symbol("_r_debug")
            .orElseThrow(() -> new IOException("the dynamic loader has no _r_debug"));
    return new RemoteLoader(memory, base, debug);
  }

  long base() {
    return base;
  }

  /** Whether objects are being mapped or unmapped just now. */
  boolean isBusy() throws IOException {
    return memory.u32(debug + R_STATE) != RT_CONSISTENT;
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
