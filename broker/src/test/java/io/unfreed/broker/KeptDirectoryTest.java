package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
final class KeptDirectoryTest {
  @TempDir private Path parent;

  @Test
  void shouldHaveItsTopicsAndDataWhenReopened() throws Exception {
    Path directory = parent.resolve("deep/kept");
    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(directory)) {
      BrokerClients.of(broker).create("kept");
      BrokerClients.of(broker).send("kept", "a", "b");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(directory.resolve("broker.address")).doesNotExist();

    try (EmbeddedBroker broker = EmbeddedBroker.openOrConnect(directory)) {
      BrokerClients clients = BrokerClients.of(broker);
      assertThat(broker.ownsBroker()).isTrue();
      assertThat(clients.topics()).contains("kept");
      assertThat(clients.read("kept", 2)).containsExactly("a", "b");
    }
  }

  @Test
  void shouldConnectToTheLiveBrokerWhenTheDirectoryIsInUse() throws Exception {
    Path directory = parent.resolve("shared");
    try (EmbeddedBroker owner = EmbeddedBroker.openOrConnect(directory)) {
      BrokerClients.of(owner).create("shared");
      try (EmbeddedBroker guest = EmbeddedBroker.openOrConnect(directory)) {
        assertThat(guest.ownsBroker()).isFalse();
        assertThat(guest.bootstrapServers()).isEqualTo(owner.bootstrapServers());
      }
      assertThat(BrokerClients.of(owner).topics()).contains("shared");
    }
  }

  @Test
  void shouldRefuseADirectoryThatHoldsSomethingElse() throws Exception {
    Files.writeString(parent.resolve("thesis.tex"), "years of work");

    assertRefused(parent, "holds something else (thesis.tex)");

    assertThat(parent.toFile().list()).containsExactly("thesis.tex");
  }

  @Test
  void shouldRefuseAFile() throws Exception {
    Path file = Files.createFile(parent.resolve("file"));

    assertRefused(file, "is not a directory");
    assertRefused(file.resolve("below"), "not a directory");
  }

  private static void assertRefused(Path directory, String reason) {
    assertThatThrownBy(() -> EmbeddedBroker.openOrConnect(directory))
        .isInstanceOf(BrokerException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(reason)
        .extracting(Throwable::getMessage)
        .matches(message -> (message).lines().count() == 1);
  }
}
