package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A lane beyond its share of the memory says less, and others say all. */
class LaneBudgetTest {
  private final LaneBudget budget = new LaneBudget(100);
  private final List<LaneStatement> leaking = new ArrayList<>();
  private final LaneState leak = new LaneState(LaneOptions.TOPOLOGY, leaking::add, budget);

  @Test
  void shouldCountWhatItLosesWhenALaneHoldsMoreThanItsShare() {
    Script script = new Script();
    for (int i = 0; i < 60; i++) {
      script.alloc(1 + i, 1, 16L * (i + 1), 8);
    }
    script.batch();
    Script.feed(script.batches(), leak);
    assertThat(leak.hasGivenUp()).isTrue();
    assertThat(budget.blocks()).isZero();

    script.free(150, 1, 16).alloc(160, 1, 5000, 8).plain(EventCodes.EXIT, 250, 1);
    Script.feed(script.batches().subList(1, 2), leak);
    TotalsNumbers totals = leaking.getLast().totals();
    assertThat(leaking.getLast().occasion()).isEqualTo(LaneStatement.Occasion.FINAL);
    assertThat(totals.allocations()).isEqualTo(60);
    assertThat(totals.outstandingCount()).isEqualTo(60);
    assertThat(totals.outstandingBytes()).isEqualTo(480);
    assertThat(totals.certainBytes()).isZero();
    assertThat(totals.lostEvents()).isEqualTo(2);
    assertThat(totals.degraded()).isEqualTo(new Degraded(1, 60L, null, 2));
  }

  @Test
  void shouldGoOnWithTheNextImageWhenTheLeakingOneIsReplaced() {
    Script script = new Script();
    for (int i = 0; i < 60; i++) {
      script.alloc(1, 1, 16L * (i + 1), 8);
    }
    script.batch().free(5, 1, 16).plain(EventCodes.EXEC, 10, 1);
    script.alloc(20, 1, 64, 5).plain(EventCodes.END, 30, 1);
    Script.feed(script.batches(), leak);
    TotalsNumbers totals = leaking.getLast().totals();
    assertThat(totals.closedByExec()).isEqualTo(60);
    assertThat(totals.outstandingBytes()).isEqualTo(5);
    assertThat(totals.degraded()).isEqualTo(new Degraded(1, 1L, 10L, 1));
    StackNumbers stack = leaking.getLast().stacks().getFirst();
    assertThat(stack.allocations()).isEqualTo(61);
    assertThat(stack.closedByExec()).isEqualTo(60);
    assertThat(stack.outstandingCount()).isEqualTo(1);
  }

  @Test
  void shouldLeaveSmallLanesAloneWhenTheyAreTogetherTooMany() {
    List<LaneState> lanes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      LaneState lane = new LaneState(LaneOptions.TOPOLOGY, s -> {}, new LaneBudget(1 << 20));
      Script.feed(new Script().alloc(1, 1, 64, 8).batches(), lane);
      lanes.add(lane);
    }
    assertThat(lanes).noneMatch(LaneState::hasGivenUp);
  }

  @Test
  void shouldTellHeldTicksAsTheyWereWhenASilentLaneGivesUp() {
    LaneBudget shared = new LaneBudget(132_000);
    List<LaneStatement> told = new ArrayList<>();
    LaneState silent = new LaneState(LaneOptions.TOPOLOGY, told::add, shared);
    silent.holdBackQuietTicks(() -> true);
    Script script = blocks(65_800);
    for (int tick = 1; tick <= 8; tick++) {
      script.watermark(tick * 100 + 50);
    }
    Script.feed(script.batches(), silent);
    int before = told.size();
    Script.feed(blocks(65_000).batches(), new LaneState(LaneOptions.TOPOLOGY, s -> {}, shared));
    Script.feed(blocks(5_000).batches(), new LaneState(LaneOptions.TOPOLOGY, s -> {}, shared));
    int silence = script.batches().size();
    Script.feed(script.watermark(950).batches().subList(silence, silence + 1), silent);

    assertThat(silent.hasGivenUp()).isTrue();
    List<LaneStatement> since = told.subList(before, told.size());
    assertThat(since).hasSize(2);
    assertThat(since.getFirst().moment().quietSince()).isEqualTo(3);
    assertThat(since.getFirst().moment().lastTick()).isEqualTo(8);
    assertThat(since.getFirst().totals().degraded()).isNull();
    assertThat(since.getLast().moment().quietSince()).isZero();
    assertThat(since.getLast().moment().lastTick()).isEqualTo(9);
    assertThat(since.getLast().totals().degraded()).isNotNull();
  }

  @Test
  void shouldCountABlockTwiceWhenItsChainBeganInAnEarlierTick() {
    LaneBudget roomy = new LaneBudget(1 << 20);
    LaneState lane = new LaneState(LaneOptions.TOPOLOGY, s -> {}, roomy);
    Script script = new Script().alloc(10, 1, 16, 8).alloc(20, 1, 32, 8).watermark(150);
    script.reallocBegins(160, 1, 16).reallocGives(161, 1, 64, 16).watermark(250);

    Script.feed(script.batches(), lane);
    assertThat(roomy.blocks()).isEqualTo(3);

    int fed = script.batches().size();
    script.free(260, 1, 64).batch();
    Script.feed(script.batches().subList(fed, fed + 1), lane);
    assertThat(roomy.blocks()).isEqualTo(1);
  }

  private static Script blocks(int count) {
    Script script = new Script();
    for (int i = 0; i < count; i++) {
      script.alloc(1, 1, 16L * (i + 1), 8);
      if (i % 5_000 == 4_999) {
        script.batch();
      }
    }
    return script.batch();
  }

  @Test
  void shouldStayDegradedWhenWrittenAndReadAgain() {
    Script script = new Script();
    for (int i = 0; i < 60; i++) {
      script.alloc(1, 1, 16L * (i + 1), 8);
    }
    script.batch().free(5, 1, 16).batch();
    Script.feed(script.batches(), leak);
    SnapshotOut out = new SnapshotOut();
    leak.snapshotTo(out);
    LaneState again = new LaneState(LaneOptions.TOPOLOGY, leaking::add, budget);
    again.restoreFrom(new SnapshotIn(out.finish()));
    assertThat(again.hasGivenUp()).isTrue();
    assertThat(budget.blocks()).isZero();
    again.stateAt(5);
    assertThat(leaking.getLast().totals().degraded()).isEqualTo(new Degraded(1, 1L, null, 1));
  }
}
