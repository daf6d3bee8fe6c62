package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;

/** The real brokers. Connects when it is first asked. */
final class KafkaSnapshotCluster implements SnapshotCluster, AutoCloseable {
  /** Of a question: a stream thread waits for the answer, and asks again where none comes. */
  static final Map<String, Object> SHORT_PATIENCE =
      Map.of(
          AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000,
          AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);

  private final Map<String, Object> client;
  private Admin admin;

  /** A cluster reached with these client properties. */
  KafkaSnapshotCluster(Map<String, Object> client) {
    this.client = new HashMap<>(client);
  }

  /**
   * The committed offset is a stable one: while a transaction that is still open may commit, there
   * is none.
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

  /**
   * The offset that the group has committed, null when it never did. Where a transaction is not
   * done yet, say of an instance that was just killed, the brokers refuse to say it, and the client
   * leaves the partition out of the answer ({@code ListConsumerGroupOffsetsHandler} of Kafka 4.3).
   *
   * @throws TimeoutException when it is not stable yet
   */
  private Long committed(TopicPartition events) throws ExecutionException, InterruptedException {
    ListConsumerGroupOffsetsSpec spec =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(events));
    try {
      Map<TopicPartition, OffsetAndMetadata> answer =
          admin()
              .listConsumerGroupOffsets(
                  Map.of(ServiceSettings.GROUP, spec),
                  new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata(ServiceSettings.GROUP)
              .get();
      if (!answer.containsKey(events)) {
        throw new TimeoutException(events + ": a transaction that may commit is not done yet");
      }
      OffsetAndMetadata committed = answer.get(events);
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
      Map<String, Object> config = new HashMap<>(client);
      config.putAll(SHORT_PATIENCE);
      admin = Admin.create(config);
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
