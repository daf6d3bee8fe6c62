package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.model.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** What an instance tells of itself: as many numbers as there are kinds of them. */
class InstanceNumbersTest {
  private static final TopicPartition EVENTS = new TopicPartition("unfreed.events", 3);

  @Test
  void shouldCountLanesThatGoOnAndTheirBlocks() {
    try (Bench bench = new Bench()) {
      for (int i = 0; i < 3; i++) {
        process(i).batches().forEach(bench::pipe);
      }
      assertThat(bench.numbers()).containsEntry("ledgers", 3.0).containsEntry("ledger_blocks", 6.0);

      process(1).plain(EventCodes.EXIT, 20, 1).batches().stream().skip(1).forEach(bench::pipe);

      assertThat(bench.numbers()).containsEntry("ledgers", 2.0).containsEntry("ledger_blocks", 4.0);
    }
  }

  @Test
  void shouldHoldNoBlocksOfLanesThatAreForgotten() {
    try (Bench bench = new Bench()) {
      process(0).batches().forEach(bench::pipe);
      bench.pipe(Forgetting.key("session"), null);

      assertThat(bench.numbers()).containsEntry("ledgers", 0.0).containsEntry("ledger_blocks", 0.0);
    }
  }

  @Test
  void shouldCountLanesAgainThatAreRestoredAndNoneThatHaveLeft() {
    List<KeyValue<byte[], byte[]>> log = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (byte[] batch : process(i).batches()) {
        log.add(KeyValue.pair(Bench.key(batch), EventBatchCodec.toMessage(batch)));
      }
    }
    try (Bench bench = new Bench()) {
      bench.ledgers().restoreAll(log);
      assertThat(bench.numbers()).containsEntry("ledgers", 3.0).containsEntry("ledger_blocks", 6.0);

      bench.ledgers().close();

      assertThat(bench.numbers()).containsEntry("ledgers", 0.0).containsEntry("ledger_blocks", 0.0);
    }
  }

  @Test
  void shouldCountDeadLettersOfEveryStage() {
    byte[] key = "foreign".getBytes(StandardCharsets.UTF_8);
    try (Bench bench = new Bench()) {
      assertThat(bench.numbers()).containsEntry("dead_letters_total", 0.0);
      bench.pipe(key, new byte[9]);
      bench.pipeStatement(new TestRecord<>(key, new byte[9]));
      bench.pipeHistogram(key, new byte[9]);
      assertThat(bench.numbers()).containsEntry("dead_letters_total", 3.0);
    }
  }

  @Test
  void shouldTellWhatIsLeftOfStoresThatAreRestored() {
    InstanceNumbers numbers = new InstanceNumbers(new LaneBudget(500));
    RestoringStores restoring = numbers.restoring();
    restoring.onRestoreStart(EVENTS, "ledgers", 100, 1100);
    restoring.onRestoreStart(EVENTS, "reports", 0, 50);
    restoring.onBatchRestored(EVENTS, "ledgers", 400, 300);

    assertThat(of(numbers))
        .containsEntry("restoring_stores", 2.0)
        .containsEntry("restoring_records", 750.0)
        .containsEntry("ledger_blocks_limit", 500.0);

    restoring.onRestoreEnd(EVENTS, "ledgers", 1000);
    restoring.onRestoreSuspended(EVENTS, "reports", 20);
    restoring.onBatchRestored(EVENTS, "reports", 40, 20);

    assertThat(of(numbers))
        .containsEntry("restoring_stores", 0.0)
        .containsEntry("restoring_records", 0.0);
  }

  private static Map<String, Double> of(InstanceNumbers numbers) {
    Map<String, Double> known = new TreeMap<>();
    numbers.addTo(known);
    return known;
  }

  private static Script process(int number) {
    return Script.of(1 + number + "-1").alloc(10, 1, 16, 8).alloc(11, 1, 32, 8).batch();
  }
}
