package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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
    try (EmbeddedBroker guest = EmbeddedBroker.openOrConnect(directory)) {
      assertThat(guest.ownsBroker()).isFalse();
      assertThat(guest.bootstrapServers()).isEqualTo(other.bootstrapServers());
      BrokerClients.of(guest).create("survivor");
      BrokerClients.of(guest).send("survivor", "a");
    }

    other.kill();
    assertThat(other.end()).isEmpty();
    assertThat(directory.resolve("broker.address")).exists();

    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(directory)) {
      assertThat(broker.ownsBroker()).isTrue();
      BrokerClients.of(broker).send("survivor", "b");
      assertThat(BrokerClients.of(broker).read("survivor", 2)).containsExactly("a", "b");
    }
  }
}
