package io.unfreed.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the tests do with a broker: plain clients of one-partition topics with string values. */
record BrokerClients(Map<String, Object> client) {
  private static final Duration BOUND = Duration.ofMinutes(2);

  static BrokerClients of(EmbeddedBroker broker) {
    return new BrokerClients(broker.client());
  }

  void create(String topic) throws InterruptedException, ExecutionException {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  Set<String> topics() throws InterruptedException, ExecutionException {
    try (Admin admin = admin()) {
      return admin.listTopics().names().get();
    }
  }

  void send(String topic, String... values) throws InterruptedException, ExecutionException {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (String value : values) {
        producer.send(new ProducerRecord<>(topic, value)).get();
      }
    }
  }

  KafkaProducer<String, String> producer(Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.putAll(client);
    config.put("max.request.size", 4 << 20);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  /** The committed values of a topic, from its beginning, once there are that many. */
  List<String> read(String topic, int count) {
    Map<String, Object> config = new HashMap<>(client);
    config.put("isolation.level", "read_committed");
    TopicPartition partition = new TopicPartition(topic, 0);
    long deadlineNanos = System.nanoTime() + BOUND.toNanos();
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (values.size() < count && System.nanoTime() - deadlineNanos < 0) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  private Admin admin() {
    return Admin.create(client);
  }
}
