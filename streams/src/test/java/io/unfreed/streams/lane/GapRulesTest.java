package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Event;
import io.unfreed.streams.model.Script;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Repeats, gaps and losses of one lane. */
class GapRulesTest {
  @Test
  void shouldCountTheExactEventsWhenABatchIsMissing() {
    TotalsNumbers totals =
        new Script()
            .alloc(1, 1, 16, 7)
            .batch()
            .alloc(2, 1, 32, 7)
            .alloc(3, 1, 48, 7)
            .dropped()
            .alloc(4, 1, 64, 5)
            .alloc(5, 1, 80, 3)
            .totals();

    assertThat(totals.lostEvents()).isEqualTo(2);
    assertThat(totals.outstandingBytes()).isEqualTo(15);
    assertThat(totals.certainBytes()).as("allocated after the window").isEqualTo(3);
  }

  @Test
  void shouldDoubtABlockWhenItsStampIsLaterThanTheFirstEventAfterTheGap() {
    TotalsNumbers totals =
        new Script()
            .alloc(105, 1, 16, 7)
            .batch()
            .free(106, 1, 16)
            .dropped()
            .alloc(101, 2, 32, 5)
            .totals();

    assertThat(totals.certainBytes()).isZero();
  }

  @Test
  void shouldDoubtEarlierBlocksWhenAnEmptyBatchFollowsTheGap() {
    TotalsNumbers totals =
        new Script().alloc(105, 1, 16, 7).batch().free(106, 1, 16).dropped().batch().totals();

    assertThat(totals.lostEvents()).isEqualTo(1);
    assertThat(totals.certainBytes()).isZero();
  }

  @Test
  void shouldExtendTheWindowToTheFirstEventWhenAnEmptyBatchFollowsTheGap() {
    TotalsNumbers totals =
        new Script()
            .alloc(5, 1, 16, 7)
            .batch()
            .free(6, 1, 16)
            .dropped()
            .batch()
            .alloc(50, 1, 32, 5)
            .alloc(51, 1, 48, 3)
            .totals();

    assertThat(totals.lostEvents()).isEqualTo(1);
    assertThat(totals.certainBytes()).isEqualTo(3);
  }

  @Test
  void shouldLoseTheBeginningWhenTheFirstBatchIsNotNumberZero() {
    TotalsNumbers totals = new Script().alloc(1, 1, 16, 7).dropped().free(2, 1, 16).totals();

    assertThat(totals.lostEvents()).isEqualTo(1);
    assertThat(totals.unmatchedFrees()).isEqualTo(1);
  }

  @Test
  void shouldDropABatchWhenItIsRepeatedOrLate() {
    List<byte[]> all =
        new Script()
            .alloc(1, 1, 16, 7)
            .batch()
            .alloc(2, 1, 32, 5)
            .batch()
            .alloc(3, 1, 48, 3)
            .batches();
    List<LaneStatement> statements = new ArrayList<>();
    LaneState lane = new LaneState(LaneOptions.WHOLE, statements::add);

    assertThat(lane.accept(Script.cursor(all.get(0)))).isEqualTo(LaneState.Outcome.APPLIED);
    assertThat(lane.accept(Script.cursor(all.get(0)))).isEqualTo(LaneState.Outcome.REPEATED);
    assertThat(lane.accept(Script.cursor(all.get(2)))).isEqualTo(LaneState.Outcome.APPLIED);
    assertThat(lane.accept(Script.cursor(all.get(1)))).isEqualTo(LaneState.Outcome.LATE);
    lane.stateAt(3);

    assertThat(lane.missingEvents()).isEqualTo(1);
    assertThat(statements.getLast().totals().outstandingBytes()).isEqualTo(10);
  }

  @Test
  void shouldLoseNothingWhenOnlyAnEmptyBatchIsMissing() {
    TotalsNumbers totals =
        new Script().alloc(1, 1, 16, 7).batch().dropped().alloc(2, 1, 32, 5).totals();

    assertThat(totals.lostEvents()).isZero();
    assertThat(totals.certainBytes()).isEqualTo(12);
  }

  @Test
  void shouldTakeEffectBeforeTheTickWhenALossBeganBeforeIt() {
    Script script = new Script().alloc(90, 1, 16, 7).lost(110, 4, 95, 108);

    LaneStatement tick = script.statements(LaneOptions.WHOLE).getFirst();

    assertThat(tick.lastTick()).isEqualTo(1);
    assertThat(tick.totals().lostEvents()).isEqualTo(4);
    assertThat(tick.totals().certainBytes()).isZero();
    assertThat(at(script, 100)).isEqualTo(tick.totals());
  }

  @Test
  void shouldNotTouchTheTickWhenALossBeganAfterIt() {
    Script script = new Script().alloc(90, 1, 16, 7).lost(110, 4, 103, 108);

    LaneStatement tick = script.statements(LaneOptions.WHOLE).getFirst();

    assertThat(tick.totals().lostEvents()).isZero();
    assertThat(tick.totals().certainBytes()).isEqualTo(7);
    assertThat(at(script, 100)).isEqualTo(tick.totals());
    assertThat(script.totals().certainBytes()).isZero();
    assertThat(at(script, 104).certainBytes()).isZero();
  }

  @Test
  void shouldStateTheBoundaryBeforeTheLossWhenSeveralPass() {
    List<LaneStatement> statements =
        new Script().alloc(90, 1, 16, 7).lost(410, 4, 203, 408).statements(LaneOptions.WHOLE);

    assertThat(statements)
        .extracting(LaneStatement::lastTick, s -> s.totals().lostEvents())
        .startsWith(tuple(2L, 0L), tuple(4L, 4L));
  }

  @Test
  void shouldDoubtABlockWhenItIsAllocatedWithinTheWindowOfALoss() {
    TotalsNumbers totals =
        new Script().lost(10, 1, 0, 20).alloc(20, 1, 16, 7).alloc(21, 1, 32, 5).totals();

    assertThat(totals.certainBytes()).isEqualTo(5);
  }

  private static TotalsNumbers at(Script script, long moment) {
    return script
        .statements(new LaneOptions(SizeRange.ALL, 0, moment, null, false))
        .getLast()
        .totals();
  }

  @Test
  void shouldLetTicksPassWhenTheLaneIsQuiet() {
    List<LaneStatement> statements =
        new Script()
            .alloc(50, 1, 16, 7)
            .add(Event.of(Event.QUIET, 350, 0, 0, 0, 0))
            .statements(LaneOptions.WHOLE);

    assertThat(statements.getFirst().firstTick()).isEqualTo(1);
    assertThat(statements.getFirst().lastTick()).isEqualTo(3);
    assertThat(statements.getFirst().atNanos()).isEqualTo(300);
  }
}
