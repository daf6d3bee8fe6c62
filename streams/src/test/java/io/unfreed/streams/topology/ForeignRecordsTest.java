package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.model.Script;
import java.nio.charset.StandardCharsets;
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
}
