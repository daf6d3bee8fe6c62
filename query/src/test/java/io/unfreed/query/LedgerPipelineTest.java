package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.query.ReportQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is decoded on one thread and applied on another comes to what one thread makes of it. */
class LedgerPipelineTest {
  private static final int BATCHES = 40;
  private static final long SECOND = 1_000_000_000L;
  private static final LaneKey LANE = new LaneKey("s", "7-70", 0);

  private final List<EncodedBatch> batches = batches();
  private final LedgerSink direct = ledgers();
  private final LedgerSink ledgers = ledgers();

  @Test
  void shouldComeToTheSameAsOneThread() throws Exception {
    give(direct, batches);
    try (LedgerPipeline pipeline = new LedgerPipeline(ledgers)) {
      give(pipeline, batches);
    }
    assertThat(direct.events()).isGreaterThan(BATCHES);
    shouldEqualTheDirectOne();
  }

  @Test
  void shouldCountWhatCannotBeDecodedAndGoOn() throws Exception {
    List<EncodedBatch> damaged = new ArrayList<>(batches);
    for (int i : List.of(3, 4, 5, 6, 20)) {
      EncodedBatch whole = batches.get(i);
      byte[] cut = Arrays.copyOf(whole.body(), whole.body().length - 1);
      damaged.set(i, new EncodedBatch(whole.key(), whole.sequence(), whole.eventCount(), cut));
    }
    give(direct, damaged);
    try (LedgerPipeline pipeline = new LedgerPipeline(ledgers)) {
      give(pipeline, damaged);
    }
    assertThat(ledgers.undecodable()).isEqualTo(5);
    shouldEqualTheDirectOne();
  }

  @Test
  void shouldTellTheReaderWhenLedgersHadEnough() {
    int[] seen = new int[1];
    ledgers.beforeEachBatch(() -> {
      if (++seen[0] == 5) {
        throw new IllegalStateException("enough");
      }
    });

    assertThatThrownBy(
            () -> {
              try (LedgerPipeline pipeline = new LedgerPipeline(ledgers)) {
                give(pipeline, batches);
              }
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    assertThat(seen[0]).isEqualTo(5);
  }

  private void shouldEqualTheDirectOne() {
    assertThat(ledgers.events()).isEqualTo(direct.events());
    assertThat(ledgers.undecodable()).isEqualTo(direct.undecodable());
    assertThat(ledgers.run("s").finish()).isEqualTo(direct.run("s").finish());
  }

  private static LedgerSink ledgers() {
    return new LedgerSink(session -> ReportQuery.WHOLE);
  }

  private static void give(RecordingSink sink, List<EncodedBatch> batches) throws IOException {
    sink.session(
        Session.newBuilder().setSessionId("s").setSource(Source.EBPF).setTickNanos(SECOND).build());
    for (EncodedBatch batch : batches) {
      sink.batch(batch);
    }
  }

  /** Of blocks that come and go at random, some of which stay. */
  private static List<EncodedBatch> batches() {
    Random random = new Random(7);
    StackDictionary dictionary = new StackDictionary();
    for (int i = 0; i < 9; i++) {
      dictionary.number(new StackId(i + 1, i));
    }
    EventBatchBuilder events =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(LANE, 1, SECOND, false, false),
            new Process(7, 70L, "churn", null),
            dictionary);
    List<EncodedBatch> batches = new ArrayList<>();
    List<Long> live = new ArrayList<>();
    long at = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      for (int i = random.nextInt(3000); i >= 0; i--) {
        at += SECOND / 500;
        if (live.size() > random.nextInt(500)) {
          long address = live.remove(random.nextInt(live.size()));
          events.release(EventCodes.FREE_HEAP, at, 1, address);
        } else {
          live.add(64 * at);
          int stack = random.nextInt(9);
          events.allocate(EventCodes.ALLOC_HEAP, at, 1, 64 * at, 1 + random.nextInt(99), stack);
        }
      }
      batches.add(events.encode());
    }
    return batches;
  }
}
