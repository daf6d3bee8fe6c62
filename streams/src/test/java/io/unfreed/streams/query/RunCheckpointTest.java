package io.unfreed.streams.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import org.junit.jupiter.api.Test;

/** A checkpoint's memory. */
class RunCheckpointTest {
  private static final int STACKS = 50;
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shouldCountWhatLanesStatedAtTheirEnds() throws Exception {
    StackDictionary dictionary = new StackDictionary();
    for (int stack = 0; stack < STACKS; stack++) {
      dictionary.number(new StackId(1, stack));
    }
    EventBatchBuilder events =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey("s", "7-70", 0), 1, SECOND, false, false),
            new Process(7, 70L, "ends", null),
            dictionary);
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    for (int stack = 0; stack < STACKS; stack++) {
      events.allocate(EventCodes.ALLOC_HEAP, SECOND, 1, 64L * stack + 64, 16, stack);
    }
    feed(run, events);
    RunCheckpoint before = run.checkpoint();
    events.plain(EventCodes.EXIT, 2 * SECOND, 1);
    feed(run, events);
    RunCheckpoint behind = run.checkpoint();

    assertThat(before.endedBytes()).isZero();
    assertThat(before.heldBytes()).isPositive();
    assertThat(behind.endedBytes()).isGreaterThan(STACKS * 500L);
    assertThat(behind.heldBytes()).isLessThan(before.heldBytes());
  }

  private static void feed(LedgerRun run, EventBatchBuilder events) throws MalformedBatchException {
    byte[] body = events.encode().body();
    EventCursor cursor = new EventCursor();
    cursor.reset(body, 0, body.length);
    run.batch(cursor);
  }
}
