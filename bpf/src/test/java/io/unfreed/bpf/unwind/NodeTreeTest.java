package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as nodes, searched as the BPF program searches them. */
class NodeTreeTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 4095, 4096, 4097, 262_144, 262_145})
  void shouldFindEveryRowWhereverTheLevelsEnd(int rows) {
    RuleTable table = table(rows);
    short[] numbers = {7, (short) 65_535, 3};
    try (Arena arena = Arena.ofConfined()) {
      NodeTree tree = NodeTree.of(table, numbers, builder(), arena);
      assertThat(tree.count()).isEqualTo(NodeTree.nodesFor(rows));
      for (int row = 0; row < rows; row++) {
        int expected = Short.toUnsignedInt(numbers[table.codes()[row]]);
        int start = table.starts()[row];
        int last = row + 1 < rows ? table.starts()[row + 1] - 1 : -2;
        assertThat(find(tree, start)).as("row %s", row).isEqualTo(expected);
        assertThat(find(tree, last)).as("row %s's last", row).isEqualTo(expected);
      }
    }
  }

  @Test
  void shouldLayAModuleOutAsTheHeaderSays() {
    try (Arena arena = Arena.ofConfined()) {
      NodeTree tree = NodeTree.of(table(5000), new short[] {1, 2, 3}, builder(), arena);
      MemorySegment module = tree.module(42, arena);
      assertThat(module.get(JAVA_INT, 0)).isEqualTo(42);
      assertThat(module.get(JAVA_INT, 4)).isEqualTo(3);
      assertThat(module.get(JAVA_INT, 8)).isZero();
      assertThat(module.get(JAVA_INT, 12)).isEqualTo(79);
      assertThat(module.get(JAVA_INT, 16)).isEqualTo(81);
    }
  }

  private static TableBuilder builder() {
    CompiledC.skipUnless(TableBuilder.load().isPresent(), "this build has no builder of rules");
    return TableBuilder.load().orElseThrow();
  }

  private static RuleTable table(int rows) {
    Random random = new Random(rows);
    int[] starts = new int[rows];
    short[] codes = new short[rows];
    for (int i = 1; i < rows; i++) {
      starts[i] = starts[i - 1] + 1 + random.nextInt(rows < 100 ? 50_000_000 : 8000);
      codes[i] = (short) random.nextInt(3);
    }
    return new RuleTable(starts, codes, new long[] {1, 2, 3}, rows, 0);
  }

  /** {@code rule_in_table} of unwind.h. */
  private static int find(NodeTree tree, int offset) {
    int number = 0;
    for (int level = tree.levels() - 1; level >= 0; level--) {
      long node = (long) (tree.first()[level] + number) * NodeTree.NODE_BYTES;
      int place = 0;
      for (int step = NodeTree.PLACES / 2; step > 0; step /= 2) {
        int start = tree.nodes().get(JAVA_INT, node + (place + step) * 4L);
        place += Integer.compareUnsigned(start, offset) <= 0 ? step : 0;
      }
      if (level == 0) {
        long at = node + NodeTree.PLACES * 4L + place * 2L;
        return Short.toUnsignedInt(tree.nodes().get(JAVA_SHORT, at));
      }
      number = number * NodeTree.PLACES + place;
    }
    throw new AssertionError("no level");
  }
}
