package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.PublishedSchemas;
import io.unfreed.schemas.wire.WriterSchemas;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas that writers published in the cluster, read when a record of an unknown version is
 * met: once, and again for a schema that was not there, but not more often than now and then.
 * Thread-safe.
 */
public final class TopicSchemas implements WriterSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(TopicSchemas.class);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int REQUEST_MILLIS = 10_000;
  private static final int FETCH_WAIT_MILLIS = 10;

  private final Map<String, Object> client;
  private final Map<Long, Schema> known = new HashMap<>();
  private long askedNanos;
  private boolean wasAsked;

  /**
   * Connects when it is asked.
   *
   * @param client Kafka client properties, with {@code bootstrap.servers}
   */
  public TopicSchemas(Map<String, Object> client) {
    this.client = Map.copyOf(client);
  }

  @Override
  public synchronized Schema find(long fingerprint) {
    if (!known.containsKey(fingerprint) && isTimeToAsk()) {
      try {
        read();
      } catch (KafkaException e) {
        LOG.warn("{} cannot be read: {}", Topics.SCHEMAS.topicName(), e.getMessage());
      }
    }
    return known.get(fingerprint);
  }

  /**
   * Publishes what this version writes, and waits until it is there.
   *
   * @throws KafkaException if it is not
   */
  public static void publish(Map<String, Object> client) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * REQUEST_MILLIS);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_MILLIS);
    config.putAll(client);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    // A schema may be there twice; and an idempotent producer that has no id yet never gives up.
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    ByteArraySerializer bytes = new ByteArraySerializer();
    KafkaException[] failure = new KafkaException[1];
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
      PublishedSchemas.ours()
          .forEach((key, text) ->
              producer.send(
                  new ProducerRecord<>(
                      Topics.SCHEMAS.topicName(),
                      key.getBytes(StandardCharsets.UTF_8),
                      text.getBytes(StandardCharsets.UTF_8)),
                  (metadata, e) -> {
                    if (e != null) {
                      failure[0] = e instanceof KafkaException k ? k : new KafkaException(e);
                    }
                  }));
      producer.flush();
    }
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  private boolean isTimeToAsk() {
    long nowNanos = System.nanoTime();
    if (wasAsked && nowNanos - askedNanos < ASK_AGAIN.toNanos()) {
      return false;
    }
    wasAsked = true;
    askedNanos = nowNanos;
    return true;
  }

  private void read() {
    Map<String, Object> config = new HashMap<>();
    // Closing awaits the fetch that was sent ahead, for which there is nothing.
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    config.putAll(client);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.SCHEMAS.topicName()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long until = System.nanoTime() + Duration.ofMillis(REQUEST_MILLIS).toNanos();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))
          && System.nanoTime() - until < 0) {
        consumer.poll(POLL).forEach(record -> take(record.key(), record.value()));
      }
    }
  }

  private void take(byte[] key, byte[] value) {
    Schema schema = PublishedSchemas.parse(key, value);
    if (schema != null) {
      known.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    }
  }
}
