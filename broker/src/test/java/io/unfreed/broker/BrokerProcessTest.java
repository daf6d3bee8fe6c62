package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
final class BrokerProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path parent;

  @Test
  void shouldRemoveTheTemporaryDirectoryAndStayQuietWhenTerminated() throws Exception {
    BrokerProcess broker = BrokerProcess.start(parent);
    assertThat(broker.bootstrapServers()).startsWith("127.0.0.1:");
    assertThat(parent).isNotEmptyDirectory();

    broker.terminate();

    assertThat(broker.end()).containsExactly("before exit");
    assertThat(broker.process().exitValue()).isEqualTo(128 + 15);
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void shouldReopenAtOnceAndAtTheSameAddressWhenTheOwnerWasKilled() throws Exception {
    Path directory = parent.resolve("kept");
    BrokerProcess other = BrokerProcess.start(parent, directory.toString());
    CompletableFuture<BrokerException> gone = new CompletableFuture<>();
    try (EmbeddedBroker guest = EmbeddedBroker.openOrConnect(directory)) {
      assertThat(guest.ownsBroker()).isFalse();
      assertThat(guest.bootstrapServers()).isEqualTo(other.bootstrapServers());
      BrokerClients.of(guest).create("survivor");
      BrokerClients.of(guest).send("survivor", "a");
      guest.onOwnerEnd(gone::complete);
    }
    assertThat(gone).isNotDone();

    other.kill();
    assertThat(gone)
        .succeedsWithin(PATIENCE)
        .extracting(Throwable::getMessage)
        .asString()
        .contains(other.bootstrapServers(), "ended with process " + other.process().pid());
    assertThat(other.end()).isEmpty();
    assertThat(directory.resolve("broker.address")).exists();

    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(directory)) {
      assertThat(broker.ownsBroker()).isTrue();
      assertThat(broker.bootstrapServers()).isEqualTo(other.bootstrapServers());
      BrokerClients.of(broker).send("survivor", "b");
      assertThat(BrokerClients.of(broker).read("survivor", 2)).containsExactly("a", "b");
    }
  }

  @Test
  void shouldRunTheBrokerItselfWhenTheOwnerHasEnded() throws Exception {
    Path directory = parent.resolve("kept");
    CompletableFuture<String> taken = new CompletableFuture<>();
    try (BrokerProcess other = BrokerProcess.start(parent, directory.toString());
        EmbeddedBroker guest = EmbeddedBroker.openOrConnect(directory);
        KafkaProducer<String, String> producer = BrokerClients.of(guest).producer(Map.of())) {
      guest.takeOverWhenOwnerEnds(taken::complete);
      BrokerClients.of(guest).create("survivor");
      producer.send(new ProducerRecord<>("survivor", "a")).get();
      assertThat(taken).isNotDone();

      other.kill();
      producer.send(new ProducerRecord<>("survivor", "b")).get();
      assertThat(taken)
          .succeedsWithin(PATIENCE)
          .asString()
          .contains(other.bootstrapServers(), directory.toString())
          .endsWith("ended with process " + other.process().pid());

      try (BrokerProcess next = BrokerProcess.start(parent, directory.toString())) {
        assertThat(next.bootstrapServers()).isEqualTo(guest.bootstrapServers());
        guest.close();
        producer.send(new ProducerRecord<>("survivor", "c")).get();
        assertThat(new BrokerClients(guest.client()).read("survivor", 3))
            .containsExactly("a", "b", "c");
        next.terminate();
        assertThat(next.end()).containsExactly("before exit");
      }
    }
    assertThat(directory.resolve("broker.address")).doesNotExist();
  }
}
