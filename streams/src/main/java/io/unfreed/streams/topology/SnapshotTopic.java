package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotHeader;
import io.unfreed.streams.snapshot.SnapshotRecords;
import io.unfreed.streams.snapshot.UnreadableSnapshotException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads the topic of snapshots from its end backwards, so that a start costs one snapshot however
 * many older ones the topic has not forgotten yet. Sets were written in transactions: only whole
 * ones are seen.
 */
final class SnapshotTopic {
  private static final int FETCH_BYTES = 8 << 20;
  private static final int FETCH_WAIT_MILLIS = 10;
  private static final int FIRST_WINDOW = 8;
  private static final int WIDER = 8;

  /** Offsets of a set that are none of its records: marks of transactions. */
  private static final int MARKS = 64;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final long LIMIT_NANOS = Duration.ofSeconds(60).toNanos();

  private final Map<String, Object> config;

  /** The topic of the brokers reached with these client properties. */
  SnapshotTopic(Map<String, Object> client) {
    config = new HashMap<>(client);
    config.putAll(KafkaSnapshotCluster.SHORT_PATIENCE);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    // Closing awaits the fetch that was sent ahead, for which there is nothing.
    config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
  }

  /** The partition's newest snapshot, or null. */
  SnapshotCluster.Stored newest(int partition) {
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      TopicPartition topic = assign(consumer, partition);
      long begin = consumer.beginningOffsets(List.of(topic)).get(topic);
      long end = consumer.endOffsets(List.of(topic)).get(topic);
      Found found = new Found(SnapshotRecords.manifestKey(partition));
      long from = end;
      for (long window = FIRST_WINDOW; from > begin && found.manifest == null; window *= WIDER) {
        long to = from;
        from = Math.max(begin, end - window);
        read(consumer, topic, from, to, found);
      }
      return found.manifest == null
          ? null
          : new OnTopic(partition, begin, found.offset, SnapshotHeader.of(found.manifest));
    }
  }

  /** The last manifest of a partition. */
  private static final class Found implements Consumer<ConsumerRecord<String, byte[]>> {
    private final String key;
    private byte[] manifest;
    private long offset;

    private Found(String key) {
      this.key = key;
    }

    @Override
    public void accept(ConsumerRecord<String, byte[]> record) {
      if (key.equals(record.key()) && record.value() != null) {
        manifest = record.value();
        offset = record.offset();
      }
    }
  }

  private final class OnTopic implements SnapshotCluster.Stored {
    private final int partition;
    private final long begin;
    private final long manifestOffset;
    private final SnapshotHeader header;

    private OnTopic(int partition, long begin, long manifestOffset, SnapshotHeader header) {
      this.partition = partition;
      this.begin = begin;
      this.manifestOffset = manifestOffset;
      this.header = header;
    }

    @Override
    public SnapshotHeader header() {
      return header;
    }

    @Override
    public Snapshot read() {
      try (KafkaConsumer<String, byte[]> consumer = consumer()) {
        TopicPartition topic = assign(consumer, partition);
        long near = Math.max(begin, manifestOffset - header.pieces() - MARKS);
        for (long from : new long[] {near, begin}) {
          SnapshotRecords.Assembly assembly = new SnapshotRecords.Assembly(header);
          SnapshotTopic.read(
              consumer, topic, from, manifestOffset, r -> assembly.add(r.key(), r.value()));
          Snapshot whole = assembly.whole();
          if (whole != null) {
            return whole;
          }
        }
        throw new UnreadableSnapshotException("pieces of it are missing");
      }
    }

    @Override
    public String toString() {
      return Topics.SNAPSHOTS.topicName()
          + " "
          + SnapshotRecords.manifestKey(partition)
          + " of offset "
          + header.nextOffset();
    }
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static TopicPartition assign(KafkaConsumer<String, byte[]> consumer, int partition) {
    String name = Topics.SNAPSHOTS.topicName();
    TopicPartition topic =
        new TopicPartition(name, partition % consumer.partitionsFor(name).size());
    consumer.assign(List.of(topic));
    return topic;
  }

  private static void read(
      KafkaConsumer<String, byte[]> consumer,
      TopicPartition topic,
      long from,
      long to,
      Consumer<ConsumerRecord<String, byte[]>> into) {
    long until = System.nanoTime() + LIMIT_NANOS;
    consumer.seek(topic, from);
    while (consumer.position(topic) < to) {
      if (System.nanoTime() - until > 0) {
        throw new TimeoutException("no answer within 60 s");
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL).records(topic)) {
        if (record.offset() < to) {
          into.accept(record);
        }
      }
    }
  }
}
