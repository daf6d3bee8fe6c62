package io.unfreed.query;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic from its beginning, committed records only, without a group. Used by one thread.
 */
public final class TopicReader implements AutoCloseable {
  private static final int FETCH_BYTES = 8 << 20;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration QUIET = Duration.ofSeconds(5);

  /** Takes one record. */
  public interface Handler {
    void record(ConsumerRecord<byte[], byte[]> record);
  }

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String servers;
  private final Topics topic;
  private long heardNanos;

  /** A reader of one topic; nothing is read yet. */
  public TopicReader(Map<String, Object> client, Topics topic) {
    this.topic = topic;
    servers = client.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG).toString();
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.putAll(client);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    try {
      consumer = new KafkaConsumer<>(config);
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Where a record is, for people: topic, partition and offset. */
  public static String place(ConsumerRecord<?, ?> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }

  /** Where each partition of the topic ends. */
  Map<TopicPartition, Long> ends() {
    try {
      return consumer.endOffsets(
          consumer.partitionsFor(topic.topicName()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList());
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Reads every record that the topic has now; nothing when there is no such topic. */
  public void readToEnd(Handler handler) {
    try {
      List<TopicPartition> partitions = assign();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        poll(handler);
      }
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Reads from the beginning, and on as records come, until told that it is enough. */
  public void readUntil(BooleanSupplier enough, Handler handler) {
    try {
      assign();
      while (!enough.getAsBoolean()) {
        poll(handler);
      }
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  /**
   * A poll says nothing about a broker that is gone, so after a quiet while the broker is asked.
   */
  private void poll(Handler handler) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    long nowNanos = System.nanoTime();
    if (!records.isEmpty()) {
      heardNanos = nowNanos;
      records.forEach(handler::record);
    } else if (nowNanos - heardNanos > QUIET.toNanos()) {
      consumer.endOffsets(consumer.assignment());
      heardNanos = System.nanoTime();
    }
  }

  private List<TopicPartition> assign() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic.topicName()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    heardNanos = System.nanoTime();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  private FailedException failed(KafkaException e) {
    return new FailedException(
        "Kafka at " + servers + ": cannot read " + topic.topicName() + ": " + Cluster.reason(e), e);
  }
}
