package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Stacks as recorded processes wrote them: chains of nodes, which may be garbage. */
public final class NodeReader {
  private static final int MOST_FRAMES = 8192;

  private final SharedArena arena;
  private final MemorySegment memory;
  private final long[] addresses = new long[MOST_FRAMES];
  private int depth;
  private boolean complete;
  private int generation;

  NodeReader(SharedArena arena) {
    this.arena = arena;
    this.memory = arena.memory();
  }

  /** Reads the stack of a node; false when there is no such stack. */
  public boolean read(int node) {
    long nodes = (long) arena.granted(ArenaTable.CHUNKS) * ArenaLayout.CHUNK_NODES;
    int at = node;
    depth = 0;
    if (at <= ArenaLayout.NODE_INCOMPLETE) {
      return false;
    }
    while (Integer.compareUnsigned(at, ArenaLayout.NODE_INCOMPLETE) > 0) {
      if (at < 0 || at >= nodes || depth == MOST_FRAMES) {
        return false;
      }
      long entry = ArenaLayout.node(at);
      if (depth == 0) {
        generation = memory.get(JAVA_INT, entry + ArenaLayout.NODE_GENERATION);
      }
      addresses[depth++] = memory.get(JAVA_LONG, entry + ArenaLayout.NODE_ADDRESS);
      at = memory.get(JAVA_INT, entry + ArenaLayout.NODE_PARENT);
    }
    complete = at == 0;
    return true;
  }

  /** Frames of the stack that was read. */
  public int depth() {
    return depth;
  }

  /** The lookup address of a frame, 0 for the innermost: return address minus 1. */
  public long address(int frame) {
    return addresses[frame];
  }

  /** Whether it was unwound to the thread's first frame. */
  public boolean isComplete() {
    return complete;
  }

  /** Which state of the loaded objects its addresses belong to. */
  public int generation() {
    return generation;
  }
}
