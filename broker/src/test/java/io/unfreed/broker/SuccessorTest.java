package io.unfreed.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who would run the broker next, and cannot. */
@Tag("broker")
final class SuccessorTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PID = 4711;

  @TempDir private Path parent;

  private BrokerDirectory directory;
  private final CompletableFuture<BrokerException> gone = new CompletableFuture<>();

  @BeforeEach
  void create() {
    directory = BrokerDirectory.kept(parent.resolve("kept"));
  }

  @Test
  void shouldSayThatTheBrokerIsGoneWhenAnotherProgramHasItsPort() throws Exception {
    try (ServerSocketChannel thief = ServerSocketChannel.open()) {
      thief.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = thief.socket().getLocalPort();

      await(at(port));

      assertGone("cannot bind port " + port);
    }
    try (EmbeddedBroker next = EmbeddedBroker.openOrConnect(directory.path())) {
      assertThat(next.ownsBroker()).isTrue();
    }
  }

  @Test
  void shouldSayWhereItIsWhenSomebodyElseRunsItElsewhere() throws Exception {
    try (EmbeddedBroker other = EmbeddedBroker.openOrConnect(directory.path())) {
      await(at(1));

      assertGone(
          "process %d runs it at %s now"
              .formatted(ProcessHandle.current().pid(), other.bootstrapServers()));
    }
  }

  @Test
  void shouldSayThatTheDirectoryIsGoneWhenItWasRemoved() throws Exception {
    BrokerAddress address = at(1);
    FileTree.delete(directory.path());

    await(address);

    assertThat(gone)
        .succeedsWithin(PATIENCE)
        .extracting(Throwable::getMessage)
        .asString()
        .startsWith("data directory " + directory.path() + ": ")
        .hasLineCount(1);
  }

  private BrokerAddress at(int port) throws Exception {
    return new BrokerAddress(
        "127.0.0.1:" + port, "cluster", PID, BrokerSecret.in(directory.secretFile()));
  }

  private void await(BrokerAddress address) {
    new Successor(directory, address, (node, _) -> node.start(), gone::complete);
  }

  private void assertGone(String why) {
    assertThat(gone)
        .succeedsWithin(PATIENCE)
        .extracting(Throwable::getMessage)
        .asString()
        .contains(directory.path().toString(), "ended with process " + PID, why)
        .hasLineCount(1);
  }
}
