package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.snapshot.SnapshotHeader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restarts for which everything that a snapshot covers is retained no more: whoever did not use the
 * snapshot would miss it.
 */
@Tag("broker")
class SnapshotRestartTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void shouldPublishTheSameReportsWhenKilledAndTheEventsBeforeTheSnapshotAreGone()
      throws Exception {
    SyntheticRecording recording = new SyntheticRecording(11, 3, 120);
    Map<String, List<String>> expected =
        UndisturbedService.reports(recording, directory.resolve("undisturbed"));
    List<String> disks = List.of("one", "one", "two", "three");

    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (KafkaSink sink = UndisturbedService.sink(access)) {
        int published = 0;
        for (int life = 1; life < disks.size(); life++) {
          Map<Integer, Long> before = snapshotOffsets(access);
          try (ServiceProcess service = start(access, disks.get(life - 1))) {
            int next = recording.batches.size() * life / disks.size();
            UndisturbedService.publish(recording, sink, published, next);
            published = next;
            await().atMost(LIMIT).until(() -> hasGrown(before, snapshotOffsets(access)));
            service.kill();
          }
          forget(access, snapshotOffsets(access));
        }
        try (ServiceProcess service = start(access, disks.getLast())) {
          UndisturbedService.publish(recording, sink, published, recording.batches.size());
          assertThat(UndisturbedService.awaitFinals(access, recording)).isEqualTo(expected);
          service.terminate();
        }
      }
    }
  }

  private ServiceProcess start(BrokerAccess access, String disk) throws Exception {
    return new ServiceProcess(access, directory.resolve(disk), "--snapshot-every", "1");
  }

  /** Every partition that has a snapshot has a newer one, and there is at least one. */
  private static boolean hasGrown(Map<Integer, Long> before, Map<Integer, Long> now) {
    return !now.isEmpty()
        && now.entrySet().stream()
            .allMatch(e -> e.getValue() > before.getOrDefault(e.getKey(), 0L));
  }

  /** By partition, the offset of the newest snapshot in the topic. */
  private static Map<Integer, Long> snapshotOffsets(BrokerAccess access) {
    Map<Integer, Long> offsets = new HashMap<>();
    PublishedValues.of(access, Topics.SNAPSHOTS)
        .forEach((key, values) -> {
          if (key.endsWith("/manifest")) {
            SnapshotHeader header = SnapshotHeader.of(HexFormat.of().parseHex(values.getLast()));
            offsets.put(header.partition(), header.nextOffset());
          }
        });
    return offsets;
  }

  private static void forget(BrokerAccess access, Map<Integer, Long> offsets) throws Exception {
    Map<TopicPartition, RecordsToDelete> deleted = new HashMap<>();
    offsets.forEach((partition, offset) ->
        deleted.put(
            new TopicPartition(Topics.EVENTS.topicName(), partition),
            RecordsToDelete.beforeOffset(offset)));
    try (Admin admin = Admin.create(access.client())) {
      admin.deleteRecords(deleted).all().get();
    }
  }
}
