package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A table as the nodes of {@code struct unfreed_node}: 64 starts and, in the leaves, 64 numbers of
 * rules each. Above the leaves a node's starts are the first ones of 64 nodes below.
 *
 * <pre>
 *  node    0 start u32[64] | 256 rule u16[64]
 *  module  0 table u32 | 4 levels u32 | 8 first u32[4]
 * </pre>
 *
 * @param nodes all of them, the leaves first
 * @param first the first node of each level, the leaves' first
 * @param levels how many; none for an empty table
 */
record NodeTree(MemorySegment nodes, int[] first, int levels) {
  static final int PLACES = 64;
  static final int LEVELS = 4;
  static final int NODE_BYTES = PLACES * (Integer.BYTES + Short.BYTES);
  static final int MODULE_BYTES = 8 + LEVELS * Integer.BYTES;

  /** The most rows that fit into the levels. */
  static final int MOST_ROWS = 1 << 24;

  int count() {
    return (int) (nodes.byteSize() / NODE_BYTES);
  }

  static int nodesFor(int rows) {
    int all = 0;
    for (int level = nodesAbove(rows); ; level = nodesAbove(level)) {
      all += level;
      if (level == 1) {
        return all;
      }
    }
  }

  private static int nodesAbove(int below) {
    return (below + PLACES - 1) / PLACES;
  }

  /**
   * Lays a table out, natively: a large one has half a million rows, and a process may wait.
   *
   * @param numbers those of the table's own rules
   */
  static NodeTree of(RuleTable table, short[] numbers, TableBuilder builder, Arena arena) {
    int rows = table.starts().length;
    MemorySegment nodes = arena.allocate((long) nodesFor(rows) * NODE_BYTES, 8);
    builder.layOut(table, numbers, nodes);
    int[] first = new int[LEVELS];
    int levels = 1;
    for (int below = nodesAbove(rows); below > 1; below = nodesAbove(below)) {
      first[levels] = first[levels - 1] + below;
      levels++;
    }
    return new NodeTree(nodes, first, levels);
  }

  /** {@code struct unfreed_module}. */
  MemorySegment module(int table, Arena arena) {
    MemorySegment module = arena.allocate(MODULE_BYTES, 8);
    module.set(JAVA_INT, 0, table);
    module.set(JAVA_INT, 4, levels);
    for (int level = 0; level < LEVELS; level++) {
      module.set(JAVA_INT, 8 + (long) level * Integer.BYTES, first[level]);
    }
    return module;
  }
}
