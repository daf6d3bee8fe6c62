package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.LedgerSink;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.topology.TaskShare;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pass ends when it costs more than is given for it. */
class AnswerLimitsTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final int BLOCKS = 100_000;

  @Test
  void shouldEndAPassWhoseBlocksNeedTooMuchMemory() {
    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    Runnable little = new AnswerLimits(LONG, 40L * BLOCKS).watch(ledger);
    Runnable enough = new AnswerLimits(LONG, 100L * BLOCKS).watch(ledger);
    assertThatCode(() -> call(little)).doesNotThrowAnyException();

    allocate(ledger);

    assertThatCode(() -> call(enough)).doesNotThrowAnyException();
    assertThatThrownBy(() -> call(little))
        .isInstanceOf(TooCostlyException.class)
        .hasMessageContaining("memory");
  }

  @Test
  void shouldEndAnAnswerFromTheStateThatNeedsTooMuchMemory() {
    long stack = held(1);
    assertThat(held(1000)).isGreaterThan(800 * stack);
    AnswerLimits limits = new AnswerLimits(LONG, 500 * stack);

    assertThatCode(() -> limits.holds(held(100))).doesNotThrowAnyException();
    assertThatThrownBy(() -> limits.holds(held(1000)))
        .isInstanceOf(TooCostlyException.class)
        .hasMessageContaining("memory");
  }

  /** What a task's share with so many stacks of a process that goes on holds. */
  private static long held(int stacks) {
    LedgerSink ledger = new LedgerSink(session -> ReportQuery.WHOLE);
    allocate(ledger);
    StackNumbers one = ledger.run("s").finish().getFirst().stacks().getFirst();
    LaneStatement lane =
        new LaneStatement(
            new LaneStatement.Lane(
                new LaneKey("s", "7-70", 0), 1, new Process(7, 70L, "many", null), false, false),
            new LaneStatement.Moment(LaneStatement.Occasion.MARKER, null, 0, 0, 1L),
            null,
            Collections.nCopies(stacks, one));
    return new TaskShare(0, 0, List.of(lane), List.of(), List.of(), Map.of()).heldBytes();
  }

  @Test
  void shouldEndAPassThatTakesTooLong() {
    Runnable watch = AnswerLimits.ofTime(Duration.ZERO).watch(new LedgerSink(s -> null));

    assertThatThrownBy(watch::run)
        .isInstanceOf(TooCostlyException.class)
        .hasMessageContaining("longer than 0 s");
  }

  private static void call(Runnable watch) {
    for (int i = 0; i < 100; i++) {
      watch.run();
    }
  }

  private static void allocate(LedgerSink ledger) {
    StackDictionary dictionary = new StackDictionary();
    dictionary.number(new StackId(1, 1));
    ledger.session(
        Session.newBuilder()
            .setSessionId("s")
            .setSource(Source.EBPF)
            .setTickNanos(1_000_000_000L)
            .build());
    EventBatchBuilder events =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(
                new LaneKey("s", "7-70", 0), 1, 1_000_000_000L, false, false),
            new Process(7, 70L, "many", null),
            dictionary);
    for (int i = 1; i <= BLOCKS; i++) {
      events.allocate(EventCodes.ALLOC_HEAP, i, 1, 64L * i, 16, 0);
      if (i % 1000 == 0) {
        ledger.batch(events.encode());
      }
    }
  }
}
