package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The objects that one image has noted. */
public final class ImageModules {
  /**
   * An object as it was loaded.
   *
   * @param bias address in memory minus address in the file
   * @param buildId in hex, or null
   * @param path as the process knows it
   */
  public record Module(long bias, String buildId, String path) {}

  private record Noted(int index, int firstGeneration, long start, long end, Module module) {}

  private final SharedArena arena;
  private final int slot;
  private final List<Noted> noted = new ArrayList<>();
  private final Set<Integer> seen = new HashSet<>();

  ImageModules(SharedArena arena, int slot) {
    this.arena = arena;
    this.slot = slot;
  }

  /** The object that had an address then; empty for code outside of any. */
  public Optional<Module> at(long address, int generation) {
    Optional<Module> known = look(address, generation);
    return known.isPresent() || !readNew() ? known : look(address, generation);
  }

  private Optional<Module> look(long address, int generation) {
    for (int i = noted.size() - 1; i >= 0; i--) {
      Noted one = noted.get(i);
      if (Long.compareUnsigned(address, one.start) >= 0
          && Long.compareUnsigned(address, one.end) < 0
          && Integer.compareUnsigned(generation, one.firstGeneration) >= 0
          && Integer.compareUnsigned(generation, lastGeneration(one)) <= 0) {
        return Optional.of(one.module);
      }
    }
    return Optional.empty();
  }

  private int lastGeneration(Noted one) {
    long at = ArenaLayout.module(one.index) + ArenaLayout.MODULE_LAST_GENERATION;
    return (int) SharedArena.INT.getAcquire(arena.memory(), at);
  }

  private boolean readNew() {
    MemorySegment memory = arena.memory();
    int before = noted.size();
    for (int i = 0; i < arena.granted(ArenaTable.MODULES); i++) {
      long at = ArenaLayout.module(i);
      if ((int) SharedArena.INT.getAcquire(memory, at) == ArenaLayout.READY
          && memory.get(JAVA_INT, at + ArenaLayout.MODULE_PROCESS) == slot
          && seen.add(i)) {
        noted.add(read(memory, i, at));
      }
    }
    return noted.size() > before;
  }

  private static Noted read(MemorySegment memory, int index, long at) {
    int length = memory.get(JAVA_INT, at + ArenaLayout.MODULE_BUILD_ID_BYTES);
    String buildId = null;
    if (length > 0 && length <= ArenaLayout.MODULE_BUILD_ID_MOST) {
      byte[] bytes = memory.asSlice(at + ArenaLayout.MODULE_BUILD_ID, length).toArray(JAVA_BYTE);
      buildId = HexFormat.of().formatHex(bytes);
    }
    return new Noted(
        index,
        memory.get(JAVA_INT, at + ArenaLayout.MODULE_FIRST_GENERATION),
        memory.get(JAVA_LONG, at + ArenaLayout.MODULE_START),
        memory.get(JAVA_LONG, at + ArenaLayout.MODULE_END),
        new Module(
            memory.get(JAVA_LONG, at + ArenaLayout.MODULE_BIAS),
            buildId,
            text(memory, at + ArenaLayout.MODULE_PATH, ArenaLayout.MODULE_PATH_BYTES)));
  }

  /** A text up to its NUL, or all of its room. */
  static String text(MemorySegment memory, long at, int most) {
    byte[] bytes = memory.asSlice(at, most).toArray(JAVA_BYTE);
    int length = 0;
    while (length < most && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
