package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.BrokerAccess;
import io.unfreed.schemas.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which stacks go, and the race with a recorder that believes it has sent one. */
@Tag("broker")
class StackSweepTest {
  private static final ByteArraySerializer BYTES = new ByteArraySerializer();
  private static final long NEEDED_MILLIS = 5_000;

  @Test
  void shouldKeepAStackWhenARecorderPublishesItBeforeTheTombstoneIsThere() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      Map<String, Object> client = BrokerAccess.of(broker).client();
      try (Cluster cluster = new Cluster(client)) {
        cluster.ensureTopics(2);
      }
      Map<String, Object> transactional = new HashMap<>(client);
      transactional.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "sweep");
      try (KafkaProducer<byte[], byte[]> recorder = new KafkaProducer<>(client, BYTES, BYTES);
          KafkaProducer<byte[], byte[]> producer =
              new KafkaProducer<>(transactional, BYTES, BYTES);
          StackSweep sweep = new StackSweep(client, NEEDED_MILLIS)) {
        for (String stack : new String[] {"unused", "taken-up", "recent", "unused-too"}) {
          recorder.send(stack(stack, stack.equals("recent") ? 5_000 : 4_999)).get();
        }
        sweep.read();
        recorder.send(stack("taken-up", 9_000)).get();
        producer.initTransactions();
        producer.beginTransaction();
        int swept = sweep.sweep(producer);
        recorder.send(stack("unused-too", 9_000)).get();
        producer.commitTransaction();

        assertThat(swept).isEqualTo(2);
        assertThat(last(client))
            .containsEntry("unused", false)
            .containsEntry("taken-up", true)
            .containsEntry("recent", true)
            .containsEntry("unused-too", true);
      }
    }
  }

  /** Whether the last copy of each stack is one, or a tombstone. */
  private static Map<String, Boolean> last(Map<String, Object> client) {
    Map<String, Boolean> last = new TreeMap<>();
    try (TopicReader reader = new TopicReader(client, Topics.STACKS)) {
      reader.readToEnd(record ->
          last.put(new String(record.key(), StandardCharsets.UTF_8), record.value() != null));
    }
    return last;
  }

  private static ProducerRecord<byte[], byte[]> stack(String key, long millis) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return new ProducerRecord<>(Topics.STACKS.topicName(), null, millis, bytes, bytes);
  }
}
