package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.verdict.Histogram;
import org.junit.jupiter.api.Test;

/** Per-stack numbers of allocations of passing size; totals are never filtered. */
class SizeFilterTest {
  private static final LaneOptions TEN_TO_TWENTY =
      new LaneOptions(new SizeRange(10, 20), 0, null, null, false);

  @Test
  void shouldCountAllocationsOfPassingSizeOnlyWhenSizesAreAskedFor() {
    LaneStatement statement =
        new Script()
            .alloc(1, 1, 16, 9)
            .alloc(2, 1, 32, 10)
            .alloc(3, 1, 48, 20)
            .alloc(4, 1, 64, 21)
            .free(5, 1, 16)
            .free(6, 1, 32)
            .statements(TEN_TO_TWENTY)
            .getLast();
    StackNumbers stack = statement.stacks().getFirst();

    assertThat(stack.allocations()).isEqualTo(2);
    assertThat(stack.frees()).isEqualTo(1);
    assertThat(stack.allocatedBytes()).isEqualTo(30);
    assertThat(stack.outstandingBytes()).isEqualTo(20);
    assertThat(stack.ages().released())
        .as("one release of passing size")
        .isEqualTo(Histogram.of(0, 0, 0, 1));
    assertThat(statement.totals().allocations()).isEqualTo(4);
    assertThat(statement.totals().outstandingBytes()).isEqualTo(41);
  }

  @Test
  void shouldJudgeAMappingByItsWholeSizeWhenPartOfItIsUnmapped() {
    LaneOptions twoPages = new LaneOptions(new SizeRange(8192, 8192), 0, null, null, false);
    StackNumbers stack =
        new Script()
            .map(1, 1, 0, 2)
            .unmap(2, 1, 0, 1)
            .statements(twoPages)
            .getLast()
            .stacks()
            .getFirst();

    assertThat(stack.outstandingBytes()).isEqualTo(4096);
    assertThat(stack.outstandingCount()).isEqualTo(1);
  }
}
