package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** The real brokers. Connects when it is first asked. */
final class KafkaSnapshotCluster implements SnapshotCluster, AutoCloseable {
  private final Map<String, Object> client;
  private Admin admin;

  /** A cluster reached with these client properties. */
  KafkaSnapshotCluster(Map<String, Object> client) {
    this.client = new HashMap<>(client);
  }

  /**
   * The committed offset is a stable one: what a transaction that is still open may commit is
   * waited for, as Kafka Streams does when it asks how far to restore.
   */
  @Override
  public EventLog eventLog(int partition) throws ExecutionException, InterruptedException {
    String topic = Topics.EVENTS.topicName();
    TopicPartition events = new TopicPartition(topic, partition);
    Uuid id = admin().describeTopics(List.of(topic)).topicNameValues().get(topic).get().topicId();
    long begin =
        admin()
            .listOffsets(Map.of(events, OffsetSpec.earliest()))
            .partitionResult(events)
            .get()
            .offset();
    return new EventLog(
        new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()),
        begin,
        committed(events));
  }

  private Long committed(TopicPartition events) throws ExecutionException, InterruptedException {
    ListConsumerGroupOffsetsSpec spec =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(events));
    try {
      OffsetAndMetadata committed =
          admin()
              .listConsumerGroupOffsets(
                  Map.of(ServiceSettings.GROUP, spec),
                  new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata(ServiceSettings.GROUP)
              .get()
              .get(events);
      return committed == null ? null : committed.offset();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public Stored newest(int partition) throws Exception {
    return new SnapshotTopic(client).newest(partition);
  }

  private synchronized Admin admin() {
    if (admin == null) {
      admin = Admin.create(new HashMap<>(client));
    }
    return admin;
  }

  @Override
  public synchronized void close() {
    if (admin != null) {
      admin.close();
      admin = null;
    }
  }
}
