package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A node of this process together with what it holds: the lock of its directory, its sockets, its
 * address file. Opened in this order, closed in reverse.
 */
final class RunningNode implements AutoCloseable {
  private static final Duration PORT_PATIENCE = Duration.ofSeconds(1);

  private final BrokerDirectory directory;
  private final DirectoryLock lock;
  private final Optional<BrokerAddress> successorOf;
  private final NodeFaults faults = new NodeFaults();
  private final LoopbackSockets sockets = new LoopbackSockets();

  /** Held while starting and while closing: whoever closes during a start waits for its end. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  private KafkaNode node;
  private BrokerAddress address;
  private boolean closed;

  /**
   * Of a directory whose lock we have; not started yet.
   *
   * @param successorOf what it must be again, with all its data, for clients that know it so;
   *     without one it is where it was the last time, or at a free port when that is taken
   */
  RunningNode(BrokerDirectory directory, DirectoryLock lock, Optional<BrokerAddress> successorOf) {
    this.directory = directory;
    this.lock = lock;
    this.successorOf = successorOf;
  }

  /** Starts the node; on failure everything is closed again and the exception says why. */
  BrokerAddress start() {
    lifecycle.lock();
    try {
      if (closed) {
        throw BrokerException.ending(null);
      }
      // Kafka begins to use Log4j, which would say on stderr when a signal came before it.
      System.setProperty("log4j2.shutdownHookEnabled", "false");
      // First the port: who has it may be the broker that we take for dead.
      int brokerPort = bindBrokerPort();
      if (successorOf.isPresent() && !Files.exists(directory.logDirectory())) {
        throw new BrokerException("data directory %s: emptied".formatted(directory.path()));
      }
      Files.deleteIfExists(directory.addressFile());
      String clusterId = directory.format();
      NodeSettings settings = settings(brokerPort);
      faults.catchExits();
      node = new KafkaNode(settings, sockets, faults);
      node.start();
      address =
          new BrokerAddress(
              settings.bootstrapServers(),
              clusterId,
              ProcessHandle.current().pid(),
              settings.secret());
      address.write(directory.addressFile());
      return address;
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e instanceof BrokerException known ? known : startFailure(e);
    } finally {
      lifecycle.unlock();
    }
  }

  private NodeSettings settings(int brokerPort) throws IOException {
    directory.rememberPort(brokerPort);
    int controllerPort = sockets.bind(NodeSettings.CONTROLLER_LISTENER);
    return new NodeSettings(
        directory.logDirectory(),
        brokerPort,
        controllerPort,
        BrokerSecret.in(directory.secretFile()));
  }

  private int bindBrokerPort() {
    if (successorOf.isPresent()) {
      return sockets.bind(NodeSettings.BROKER_LISTENER, successorOf.get().port(), PORT_PATIENCE);
    }
    OptionalInt last = directory.lastPort();
    if (last.isPresent()) {
      try {
        return sockets.bind(NodeSettings.BROKER_LISTENER, last.getAsInt(), PORT_PATIENCE);
      } catch (BrokerException e) {
        // Somebody else's now.
      }
    }
    return sockets.bind(NodeSettings.BROKER_LISTENER);
  }

  private BrokerException startFailure(Throwable e) {
    if (Causes.isShutdown(e)) {
      return BrokerException.ending(e);
    }
    String fault = faults.first();
    return new BrokerException(
        "the embedded broker did not start in %s: %s"
            .formatted(directory.path(), fault == null ? Causes.line(e) : fault),
        e);
  }

  /** Passes on the message of the first fault that stops the node while it is meant to run. */
  void onFault(Consumer<BrokerException> listener) {
    faults.listen(reason -> {
      if (!lifecycle.isLocked() && !closed) {
        listener.accept(
            new BrokerException(
                "the embedded broker in %s stopped: %s"
                    .formatted(directory.path(), explain(reason))));
      }
    });
  }

  private String explain(String reason) {
    try {
      return directory.usableBytes() < (1 << 20) ? "no space left on the device" : reason;
    } catch (IOException e) {
      return Causes.line(e);
    }
  }

  @Override
  public void close() {
    lifecycle.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      Quietly.close(() -> Files.deleteIfExists(directory.addressFile()));
      Quietly.close(node);
      Quietly.close(sockets);
      directory.discard();
      Quietly.close(lock);
    } finally {
      lifecycle.unlock();
    }
  }
}
