package io.unfreed.query;

import io.unfreed.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tombstones for stacks to which no session refers any more. Every recording publishes every stack
 * that it refers to after its own start, so a stack whose last copy is older than all sessions that
 * are left belongs to none of them.
 *
 * <p>The race with a recorder, which publishes a stack once and believes it is there:
 *
 * <ol>
 *   <li>the sweep has read the topic and finds the stack's last copy old,
 *   <li>a recorder that just began publishes it again,
 *   <li>the tombstone is written: the recorder's copy would go.
 * </ol>
 *
 * So what came between reading and the tombstone is read before the transaction is committed, and
 * put behind the tombstone again. What comes later stands behind it by itself.
 */
final class StackSweep implements AutoCloseable {
  /** Clocks of hosts differ, and are set; so much is always kept. */
  static final long MARGIN_MILLIS = Duration.ofHours(1).toMillis();

  private record Place(int partition, String key) {}

  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final long neededMillis;
  private final List<TopicPartition> partitions;
  private final Map<Place, Long> lastMillis = new HashMap<>();

  /**
   * A sweep that has read nothing.
   *
   * @param neededMillis stacks with a copy of this time or later are kept
   */
  StackSweep(Map<String, Object> client, long neededMillis) {
    this.neededMillis = neededMillis;
    Map<String, Object> config = new HashMap<>(client);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    consumer = new KafkaConsumer<>(config, bytes, bytes);
    partitions =
        consumer.partitionsFor(Topics.STACKS.topicName()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads all there is. A tombstone whose sweep was given up counts for nothing. */
  void read() {
    readTo(
        consumer.endOffsets(partitions),
        record -> {
          if (record.value() != null) {
            lastMillis.put(place(record), record.timestamp());
          }
        });
  }

  /**
   * Writes the tombstones within the producer's transaction.
   *
   * @return how many stacks go
   */
  int sweep(Producer<byte[], byte[]> producer) {
    Map<Place, Long> tombstones = new HashMap<>();
    Map<Place, Future<RecordMetadata>> sent = new HashMap<>();
    lastMillis.forEach((place, millis) -> {
      if (millis < neededMillis) {
        sent.put(place, producer.send(record(place, null)));
      }
    });
    producer.flush();
    sent.forEach((place, future) -> tombstones.put(place, offset(future)));
    Map<TopicPartition, Long> ends = new HashMap<>();
    tombstones.forEach((place, offset) ->
        ends.merge(
            new TopicPartition(Topics.STACKS.topicName(), place.partition()), offset, Math::max));
    List<Place> again = new ArrayList<>();
    readTo(
        ends,
        record -> {
          Place place = place(record);
          Long tombstone = tombstones.get(place);
          if (record.value() != null && tombstone != null && record.offset() < tombstone) {
            producer.send(record(place, record.value()));
            again.add(place);
          }
        });
    return sent.size() - (int) again.stream().distinct().count();
  }

  @Override
  public void close() {
    consumer.close();
  }

  private interface Handler {
    void record(ConsumerRecord<byte[], byte[]> record);
  }

  private void readTo(Map<TopicPartition, Long> ends, Handler handler) {
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      consumer.poll(POLL).forEach(handler::record);
    }
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key() == null ? new byte[0] : record.key();
    return new Place(record.partition(), new String(key, StandardCharsets.UTF_8));
  }

  private static ProducerRecord<byte[], byte[]> record(Place place, byte[] value) {
    byte[] key = place.key().getBytes(StandardCharsets.UTF_8);
    return new ProducerRecord<>(Topics.STACKS.topicName(), place.partition(), key, value);
  }

  private static long offset(Future<RecordMetadata> future) {
    try {
      return future.get().offset();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException k ? k : new KafkaException(e.getCause());
    }
  }
}
