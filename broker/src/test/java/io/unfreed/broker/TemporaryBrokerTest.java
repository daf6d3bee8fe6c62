package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
final class TemporaryBrokerTest {
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(3);

  private static EmbeddedBroker broker;
  private static BrokerClients clients;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.startTemporary();
    clients = BrokerClients.of(broker);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void shouldReadWhatWasWritten() throws Exception {
    String large = "x".repeat(1 << 20);
    clients.create("round-trip");

    clients.send("round-trip", "first", large);

    assertThat(broker.ownsBroker()).isTrue();
    assertThat(clients.read("round-trip", 2)).containsExactly("first", large);
  }

  @Test
  void shouldShowOnlyWhatATransactionCommitted() throws Exception {
    clients.create("transactions");
    try (KafkaProducer<String, String> producer =
        clients.producer(Map.of("transactional.id", "t"))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("transactions", "aborted"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("transactions", "committed"));
      producer.commitTransaction();
    }

    assertThat(clients.read("transactions", 1)).containsExactly("committed");
  }

  @Test
  void shouldRunExactlyOnceStreamsOfTheStreamsProtocol(@TempDir Path state) throws Exception {
    clients.create("in");
    clients.create("out");
    clients.send("in", "a", "b");
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream("in").mapValues(value -> value + "!").to("out");
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "marks");
    config.putAll(broker.client());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
    config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);

    try (KafkaStreams streams = new KafkaStreams(builder.build(), config)) {
      streams.start();

      assertThat(clients.read("out", 2)).containsExactly("a!", "b!");
    }
  }

  @Test
  void shouldListenOnLoopbackOnly() throws IOException {
    List<String> addresses = ListeningSockets.ofThisProcess();

    assertThat(addresses).hasSizeGreaterThanOrEqualTo(2).allMatch(ListeningSockets::isLoopback);
  }

  @Test
  void shouldKeepItsDirectoryPrivateAndRemoveItWhenClosed() throws IOException {
    Duration fastest = Duration.ofDays(1);
    // A machine may pause while one is closed; what always takes longer is a wait of ours.
    for (int i = 0; i < 3 && fastest.compareTo(CLOSED_WITHIN) >= 0; i++) {
      Duration closing = closesASecondOne();
      fastest = closing.compareTo(fastest) < 0 ? closing : fastest;
    }
    assertThat(fastest).isLessThan(CLOSED_WITHIN);
  }

  private static Duration closesASecondOne() throws IOException {
    EmbeddedBroker second = EmbeddedBroker.startTemporary();
    Path added = second.clientFile().getParent();

    assertThat(added.getFileName().toString()).startsWith("unfreed-broker-");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(added)))
        .isEqualTo("rwx------");

    long start = System.nanoTime();
    second.close();
    Duration closing = Duration.ofNanos(System.nanoTime() - start);
    second.close();
    assertThat(added).doesNotExist();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> !LiveBroker.listens(second.bootstrapServers()));
    return closing;
  }
}
