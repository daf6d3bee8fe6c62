package io.unfreed.query;

import io.unfreed.schemas.topic.Forgetting;
import io.unfreed.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes the cluster forget sessions that ended long ago: their state in the service, with it {@code
 * unfreed.outstanding}, the stacks that no other session refers to, and the sessions themselves.
 * All of it in one transaction, and again at the next time if that failed; the events go by their
 * topic's own retention. Two who do it at once repeat one another.
 */
public final class Retention {
  /** What one sweep has forgotten. */
  public record Swept(int sessions, int stacks) {}

  private static final String TRANSACTIONS = "unfreed-retention";
  private static final int BLOCK_MILLIS = 30_000;

  private final Map<String, Object> client;
  private final Duration keep;

  /**
   * A sweeper.
   *
   * @param client Kafka client properties, with {@code bootstrap.servers}
   * @param keep for how long after their end sessions are kept
   */
  public Retention(Map<String, Object> client, Duration keep) {
    this.client = Map.copyOf(client);
    this.keep = keep;
  }

  /**
   * Forgets what is due.
   *
   * @param nowMillis wall-clock time, milliseconds since the epoch
   * @throws FailedException when it could not; nothing is forgotten then
   */
  public Swept sweep(long nowMillis) {
    KnownSessions known = SessionCatalogue.readAll(client);
    long dueMillis = nowMillis - keep.toMillis();
    List<String> ended = known.endedBefore(dueMillis);
    if (ended.isEmpty()) {
      return new Swept(0, 0);
    }
    long neededMillis = known.firstMillis(ended, dueMillis);
    try (StackSweep stacks = new StackSweep(client, neededMillis - StackSweep.MARGIN_MILLIS);
        KafkaProducer<byte[], byte[]> producer = producer()) {
      stacks.read();
      producer.initTransactions();
      producer.beginTransaction();
      for (String session : ended) {
        forget(producer, session);
      }
      int swept = stacks.sweep(producer);
      producer.commitTransaction();
      return new Swept(ended.size(), swept);
    } catch (ProducerFencedException other) {
      return new Swept(0, 0); // another instance is at it
    } catch (KafkaException e) {
      throw new FailedException("sessions that ended could not be forgotten: " + e.getMessage(), e);
    }
  }

  private static void forget(KafkaProducer<byte[], byte[]> producer, String session) {
    byte[] key = Forgetting.key(session);
    for (Topics topic : List.of(Topics.EVENTS, Topics.STATEMENTS, Topics.HISTOGRAMS)) {
      int partitions = producer.partitionsFor(topic.topicName()).size();
      for (int partition = 0; partition < partitions; partition++) {
        producer.send(new ProducerRecord<>(topic.topicName(), partition, key, null));
      }
    }
    byte[] id = session.getBytes(StandardCharsets.UTF_8);
    int partitions = producer.partitionsFor(Topics.SESSIONS.topicName()).size();
    for (int partition = 0; partition < partitions; partition++) {
      producer.send(new ProducerRecord<>(Topics.SESSIONS.topicName(), partition, id, null));
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> config = new HashMap<>(client);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONS);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
    ByteArraySerializer bytes = new ByteArraySerializer();
    return new KafkaProducer<>(config, bytes, bytes);
  }
}
