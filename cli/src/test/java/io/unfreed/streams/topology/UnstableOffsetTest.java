package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.BrokerAccess;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a service is told that starts while the transaction of a killed one is not done: taken for
 * "never committed", it would begin without the snapshot.
 */
@Tag("broker")
class UnstableOffsetTest {
  private static final int PARTITION = 2;
  private static final TopicPartition EVENTS =
      new TopicPartition(Topics.EVENTS.topicName(), PARTITION);

  @Test
  void shouldNotSayWhatIsCommittedWhenATransactionIsNotDone() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      Map<String, Object> client = BrokerAccess.of(broker).client();
      try (Cluster topics = new Cluster(client);
          KafkaSnapshotCluster cluster = new KafkaSnapshotCluster(client);
          KafkaConsumer<byte[], byte[]> group = group(client);
          KafkaProducer<byte[], byte[]> service = service(client)) {
        topics.ensureTopics(PARTITION + 1);
        service.initTransactions();
        assertThat(cluster.eventLog(PARTITION).committedOffset()).isNull();

        process(service, group, 5);
        service.commitTransaction();
        awaitCommitted(cluster, 5);

        process(service, group, 9);
        assertThatThrownBy(() -> cluster.eventLog(PARTITION)).isInstanceOf(TimeoutException.class);
        service.abortTransaction();
        awaitCommitted(cluster, 5);
      }
    }
  }

  private static void awaitCommitted(KafkaSnapshotCluster cluster, long offset) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreException(TimeoutException.class)
        .until(() -> Long.valueOf(offset).equals(cluster.eventLog(PARTITION).committedOffset()));
  }

  private static void process(
      KafkaProducer<byte[], byte[]> service, KafkaConsumer<byte[], byte[]> group, long upTo) {
    service.beginTransaction();
    service.sendOffsetsToTransaction(
        Map.of(EVENTS, new OffsetAndMetadata(upTo)), group.groupMetadata());
    service.flush();
  }

  private static KafkaConsumer<byte[], byte[]> group(Map<String, Object> client) {
    Map<String, Object> config = new HashMap<>(client);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, ServiceSettings.GROUP);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> service(Map<String, Object> client) {
    Map<String, Object> config = new HashMap<>(client);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, ServiceSettings.GROUP + "-test");
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
