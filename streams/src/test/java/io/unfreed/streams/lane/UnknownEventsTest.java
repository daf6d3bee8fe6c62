package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.model.Script;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events of kinds that a later version added. */
class UnknownEventsTest {
  private static final int WITH_ADDRESS = 3 * EventCodes.FIRST_SHAPED + 0b0_0001;
  private static final int WITH_ALL = 3 * EventCodes.FIRST_SHAPED + 0b0_1011;
  private static final int ABOUT_NO_BLOCK = WITH_ALL + 32;

  private final StackDictionary stacks = new StackDictionary();
  private final int stack = stacks.number(new StackId(1, 2));
  private final EventBatchBuilder builder =
      new EventBatchBuilder(
          new EventBatchBuilder.Lane(new LaneKey("s", "1-1", 0), 1, 1000, false),
          new Process(1, 1L, "x", 0L),
          stacks);

  @Test
  void shouldSkipOnlyThatEventWhenItsKindIsNotKnown() {
    alloc(10, 16, 5);
    builder.release(WITH_ADDRESS, 20, 1, 16);
    alloc(30, 32, 7);
    builder.release(EventCodes.FREE_HEAP, 40, 1, 16);
    alloc(50, 48, 11);
    LaneState lane = lane();
    TotalsNumbers totals = totals(lane);

    assertThat(totals.allocations()).isEqualTo(3);
    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(18);
    assertThat(lane.unknownEvents()).isEqualTo(1);
    assertThat(lane.missingEvents()).isZero();
  }

  @Test
  void shouldDoubtWhatIsOlderWhenTheUnknownEventMayBeItsFree() {
    alloc(10, 16, 5);
    builder.allocate(WITH_ALL, 20, 1, 64, 3, stack);
    alloc(30, 32, 7);
    TotalsNumbers totals = totals(lane());

    assertThat(totals.lostEvents()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(12);
    assertThat(totals.certainBytes()).as("allocated after it").isEqualTo(7);
  }

  @Test
  void shouldDoubtABlockWhenItsStampIsLaterThanTheUnknownEvent() {
    alloc(105, 16, 5);
    builder.release(WITH_ADDRESS, 101, 2, 16);
    TotalsNumbers totals = totals(lane());

    assertThat(totals.certainBytes()).isZero();
  }

  @Test
  void shouldDoubtNothingWhenTheUnknownEventIsAboutNoBlock() {
    alloc(10, 16, 5);
    builder.allocate(ABOUT_NO_BLOCK, 20, 1, 64, 3, stack);
    LaneState lane = lane();
    TotalsNumbers totals = totals(lane);

    assertThat(lane.unknownEvents()).isEqualTo(1);
    assertThat(totals.lostEvents()).isZero();
    assertThat(totals.certainBytes()).isEqualTo(5);
    assertThat(totals.distinctStacks()).isEqualTo(1);
  }

  private void alloc(long time, long address, long size) {
    builder.allocate(EventCodes.ALLOC_HEAP, time, 1, address, size, stack);
  }

  private final List<LaneStatement> statements = new ArrayList<>();

  private LaneState lane() {
    LaneState lane = new LaneState(LaneOptions.WHOLE, statements::add);
    Script.feed(List.of(builder.encode().body()), lane);
    return lane;
  }

  private TotalsNumbers totals(LaneState lane) {
    lane.stateAt(lane.eventNanos());
    return statements.getLast().totals();
  }
}
