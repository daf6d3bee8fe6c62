package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.model.Script;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a tick costs: what changed since the last one, counted in blocks and stacks. */
class SilenceTest {
  private static final int BLOCKS = 20_000;

  private final List<LaneStatement> statements = new ArrayList<>();
  private final LaneState lane = new LaneState(LaneOptions.TOPOLOGY, statements::add);
  private final Script script = new Script();
  private int fed;

  @Test
  void shouldVisitNoBlockAndStateNoStackWhenNothingChangedSinceTheLastTick() {
    for (int i = 0; i < BLOCKS; i++) {
      allocate(i);
    }
    script.watermark(150);
    feed();
    long stated = lane.books().statedStacks();
    for (long tick = 2; tick < 50; tick++) {
      script.watermark(tick * 100 + 50);
    }
    feed();
    assertThat(statements).hasSizeGreaterThan(40);
    LaneStatement last = statements.getLast();
    assertThat(last.occasion()).isEqualTo(LaneStatement.Occasion.TICK);
    assertThat(last.totals().outstandingCount()).isEqualTo(BLOCKS);
    assertThat(last.stacks()).isEmpty();
    assertThat(lane.books().statedStacks()).isEqualTo(stated).isEqualTo(1);
    assertThat(lane.books().visitedBlocks()).isZero();
  }

  @Test
  void shouldVisitNoBlockWhenBlocksComeAndYoungOnesGo() {
    for (int i = 0; i < BLOCKS; i++) {
      allocate(i);
    }
    for (long tick = 1; tick < 50; tick++) {
      script
          .alloc(tick * 100 + 1, 1, 8, 8)
          .free(tick * 100 + 2, 2, 8)
          .alloc(tick * 100 + 3, 1, 9, 8);
    }
    feed();
    assertThat(lane.books().visitedBlocks()).isZero();
    assertThat(statements.getLast().stacks()).hasSize(1);
    assertThat(statements.getLast().stacks().getFirst().ages().oldestTimeNanos()).isEqualTo(1);
  }

  private void allocate(int i) {
    script.alloc(1 + i / 2000, 1, 16L * (i + 1), 8);
    if (i % 1000 == 999) {
      script.batch();
    }
  }

  private void feed() {
    List<byte[]> batches = script.batches();
    Script.feed(batches.subList(fed, batches.size()), lane);
    fed = batches.size();
  }
}
