package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
final class BrokerProcessTest {
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
  void shouldConnectWhileAnotherProcessLivesAndReopenAtOnceWhenItWasKilled() throws Exception {
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
        .succeedsWithin(Duration.ofMinutes(1))
        .extracting(Throwable::getMessage)
        .asString()
        .contains(other.bootstrapServers(), "ended with process " + other.process().pid());
    assertThat(other.end()).isEmpty();
    assertThat(directory.resolve("broker.address")).exists();

    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(directory)) {
      assertThat(broker.ownsBroker()).isTrue();
      BrokerClients.of(broker).send("survivor", "b");
      assertThat(BrokerClients.of(broker).read("survivor", 2)).containsExactly("a", "b");
    }
  }
}
