package io.unfreed.query;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
  private static final int FETCH_WAIT_MILLIS = 50;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration QUIET = Duration.ofSeconds(5);

  /**
   * Records of a partition.
   *
   * @param from offset of the first
   * @param before offset behind the last
   */
  public record Range(long from, long before) {
    /** What of it is in another one, too. */
    Range within(long otherFrom, long otherBefore) {
      return new Range(Math.max(from, otherFrom), Math.min(before, otherBefore));
    }

    boolean isEmpty() {
      return from >= before;
    }
  }

  /** Takes one record. */
  public interface Handler {
    void record(ConsumerRecord<byte[], byte[]> record);
  }

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String servers;
  private final Topics topic;
  private final Runnable watch;
  private long heardNanos;
  private long records;

  /** A reader of one topic; nothing is read yet. */
  public TopicReader(Map<String, Object> client, Topics topic) {
    this(client, topic, () -> {});
  }

  /** A reader that stays and reads on as records come: it asks for them twice a second only. */
  public static TopicReader following(Map<String, Object> client, Topics topic) {
    Map<String, Object> config = new HashMap<>(client);
    config.putIfAbsent(
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, ConsumerConfig.DEFAULT_FETCH_MAX_WAIT_MS);
    return new TopicReader(config, topic);
  }

  /**
   * The same.
   *
   * @param watch is called again and again while records are read; what it throws ends the reading
   */
  TopicReader(Map<String, Object> client, Topics topic, Runnable watch) {
    this.topic = topic;
    this.watch = watch;
    servers = client.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG).toString();
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    // Closing awaits the fetch that was sent ahead, for which there mostly is nothing.
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.putAll(client);
    // What retention deletes during a read is missing, and what lies behind it is read.
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
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
    read(retained(), handler);
  }

  /** What the topic has now, by partition. */
  public Map<Integer, Range> retained() {
    try {
      List<TopicPartition> partitions = partitions();
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<Integer, Range> retained = new TreeMap<>();
      partitions.forEach(p -> retained.put(p.partition(), new Range(begins.get(p), ends.get(p))));
      return retained;
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** By partition, from where on there are records of a time or later; without those of none. */
  public Map<Integer, Long> offsetsAt(long epochMillis) {
    try {
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions().forEach(p -> times.put(p, epochMillis));
      Map<Integer, Long> offsets = new TreeMap<>();
      consumer
          .offsetsForTimes(times)
          .forEach((partition, found) -> {
            if (found != null) {
              offsets.put(partition.partition(), found.offset());
            }
          });
      return offsets;
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Reads the records that are in these ranges, by partition. */
  public void read(Map<Integer, Range> ranges, Handler handler) {
    Map<TopicPartition, Range> open = new HashMap<>();
    ranges.forEach((partition, range) -> {
      if (!range.isEmpty()) {
        open.put(new TopicPartition(topic.topicName(), partition), range);
      }
    });
    try {
      consumer.assign(Set.copyOf(open.keySet()));
      open.forEach((partition, range) -> consumer.seek(partition, range.from()));
      heardNanos = System.nanoTime();
      while (!open.isEmpty()) {
        poll(record -> {
          if (record.offset() < ranges.get(record.partition()).before()) {
            handler.record(record);
          }
        });
        if (open.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue().before())) {
          consumer.assign(Set.copyOf(open.keySet()));
        }
      }
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Records that came so far, also those that nobody had asked for. */
  public long records() {
    return records;
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
    watch.run();
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
    long nowNanos = System.nanoTime();
    if (!polled.isEmpty()) {
      heardNanos = nowNanos;
      records += polled.count();
      polled.forEach(record -> {
        watch.run();
        handler.record(record);
      });
    } else if (nowNanos - heardNanos > QUIET.toNanos()) {
      consumer.endOffsets(consumer.assignment());
      heardNanos = System.nanoTime();
    }
  }

  private List<TopicPartition> partitions() {
    return consumer.partitionsFor(topic.topicName()).stream()
        .map(p -> new TopicPartition(p.topic(), p.partition()))
        .toList();
  }

  private void assign() {
    List<TopicPartition> partitions = partitions();
    heardNanos = System.nanoTime();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private FailedException failed(KafkaException e) {
    return new FailedException(
        "Kafka at " + servers + ": cannot read " + topic.topicName() + ": " + Cluster.reason(e), e);
  }
}
