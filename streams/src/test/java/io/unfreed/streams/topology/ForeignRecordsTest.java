package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.streams.model.Script;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Records that nobody of ours wrote: dead letters, and the service goes on. */
class ForeignRecordsTest {
  @Test
  void shouldSendAStatementToTheDeadLettersWhenItsLaneIsBeyondTheIncarnationsLanes()
      throws Exception {
    try (Bench bench = new Bench()) {
      new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(bench::pipe);
      new Script(1, 2).alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(bench::pipe);

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSize(1);
      assertThat(bench.reports(false)).hasSize(1);
    }
  }

  @Test
  void shouldSendAStatementToTheDeadLettersWhenNoLaneStatesIt() {
    try (Bench lane = new Bench();
        Bench bench = new Bench()) {
      new Script().alloc(10, 1, 16, 7).alloc(110, 1, 32, 7).batches().forEach(lane::pipe);
      byte[] statement = lane.read(Topics.STATEMENTS).getFirst().value();

      bench.pipeStatement("a/b", changed(statement, tick -> tick.setLane(-1)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setLaneCount(0)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setLaneCount(-1)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setLaneCount(1 << 30)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setParts(0)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setPart(-3)));
      bench.pipeStatement("a/b", changed(statement, tick -> tick.setSession("a/b")));

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSize(7);
    }
  }

  private static LaneTick changed(byte[] statement, Consumer<LaneTick> change) {
    try {
      LaneTick tick = RecordCodec.laneTicks().decode(statement);
      change.accept(tick);
      return tick;
    } catch (MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSendARecordToTheDeadLettersWhenItIsForeign() {
    try (Bench bench = new Bench()) {
      byte[] key = "k".getBytes(StandardCharsets.UTF_8);
      bench.pipe(null, null);
      bench.pipe(key, null);
      bench.pipe(null, new byte[3]);
      bench.pipe(key, new byte[300]);

      assertThat(bench.read(Topics.DEAD_LETTERS)).hasSize(4);
    }
  }

  @Test
  void shouldSayWhyInOneLineWhenTheKeyHasSeveral() {
    try (Bench bench = new Bench()) {
      byte[] batch = new Script().alloc(10, 1, 16, 7).batches().getFirst();
      byte[] key = "a\n12:00 forged\u001b[2J".getBytes(StandardCharsets.UTF_8);
      bench.pipe(key, EventBatchCodec.toMessage(batch));

      byte[] reason =
          bench
              .read(Topics.DEAD_LETTERS)
              .getFirst()
              .headers()
              .lastHeader(ReportHeaders.REASON)
              .value();
      assertThat(new String(reason, StandardCharsets.UTF_8))
          .isEqualTo("key a\\n12:00 forged\\x1b[2J on a batch of lane session/7-70/0");
    }
  }
}
