package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

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
  private static final int UNUSED = -1;

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

  /** Lays a table out; the numbers are those of the table's own rules. */
  static NodeTree of(RuleTable table, int[] numbers, Arena arena) {
    int rows = table.starts().length;
    MemorySegment nodes = arena.allocate((long) nodesFor(rows) * NODE_BYTES, 8);
    int[] first = new int[LEVELS];
    leaves(table, numbers, nodes);
    int levels = 1;
    int below = nodesAbove(rows);
    for (int from = 0; below > 1; levels++) {
      int to = from + below;
      first[levels] = to;
      level(nodes, from, below, to);
      from = to;
      below = nodesAbove(below);
    }
    return new NodeTree(nodes, first, levels);
  }

  private static void leaves(RuleTable table, int[] numbers, MemorySegment nodes) {
    int rows = table.starts().length;
    for (int row = 0; row < nodesAbove(rows) * PLACES; row++) {
      long node = (long) (row / PLACES) * NODE_BYTES;
      int place = row % PLACES;
      nodes.set(
          JAVA_INT, node + (long) place * Integer.BYTES, row < rows ? table.starts()[row] : UNUSED);
      if (row < rows) {
        int number = numbers[Short.toUnsignedInt(table.codes()[row])];
        long at = node + (long) PLACES * Integer.BYTES + (long) place * Short.BYTES;
        nodes.set(JAVA_SHORT, at, (short) number);
      }
    }
  }

  private static void level(MemorySegment nodes, int from, int below, int to) {
    for (int i = 0; i < nodesAbove(below) * PLACES; i++) {
      int start = i < below ? nodes.get(JAVA_INT, (long) (from + i) * NODE_BYTES) : UNUSED;
      long at = (long) (to + i / PLACES) * NODE_BYTES + (long) (i % PLACES) * Integer.BYTES;
      nodes.set(JAVA_INT, at, start);
    }
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
