package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.ReportBudget;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.query.TooManyReportsException;
import org.junit.jupiter.api.Test;

/** Reports of intervals of several sessions have the memory of one. */
class LedgerSinkTest {
  private static final long SECOND = 1_000_000_000L;

  private final LedgerSink sink =
      new LedgerSink(
          session -> new ReportQuery(SizeRange.ALL, 0, null, SECOND),
          session -> true,
          (session, run) -> {},
          new ReportBudget(40_000));

  @Test
  void shouldKeepTheReportsOfAllSessionsWithinOneBudget() {
    give("a");

    assertThatThrownBy(() -> give("b")).isInstanceOf(TooManyReportsException.class);
  }

  @Test
  void shouldHaveRoomAgainWhenASessionIsReadAnew() {
    give("a");
    sink.restart("a");

    assertThatCode(() -> give("a")).doesNotThrowAnyException();
  }

  /** 20 seconds with one block in each. */
  private void give(String session) {
    sink.session(
        Session.newBuilder()
            .setSessionId(session)
            .setSource(Source.EBPF)
            .setTickNanos(SECOND)
            .build());
    sink.batch(batch(session));
  }

  private static EncodedBatch batch(String session) {
    StackDictionary dictionary = new StackDictionary();
    dictionary.number(new StackId(1, 1));
    EventBatchBuilder events =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey(session, "7-70", 0), 1, SECOND, false, false),
            new Process(7, 70L, "grows", null),
            dictionary);
    for (int at = 1; at <= 20; at++) {
      events.allocate(EventCodes.ALLOC_HEAP, at * SECOND, 1, 64L * at, 16, 0);
    }
    return events.encode();
  }
}
