package io.unfreed.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Server sockets that are bound before the node is configured.
 *
 * <p>A node must be told its ports, and a port that was merely looked up may be taken by the time
 * it is used. Here the sockets that were bound are handed to the node itself, so there is no gap.
 */
final class LoopbackSockets implements ServerSocketFactory, AutoCloseable {
  private static final int BACKLOG = 64;
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Map<String, ServerSocketChannel> bound = new ConcurrentHashMap<>();

  /**
   * Binds a free loopback port for a listener.
   *
   * @return the port
   */
  int bind(String listener) {
    return bind(listener, 0, Duration.ZERO);
  }

  /**
   * Binds a port for a listener.
   *
   * @param patience for how long it may be in use: a process that is killed gives back its lock and
   *     its sockets one by one
   * @return the port
   */
  int bind(String listener, int port, Duration patience) {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return tryBind(listener, port);
      } catch (IOException e) {
        if (System.nanoTime() - deadlineNanos >= 0) {
          throw new BrokerException(
              "cannot bind %s on %s for the embedded broker: %s"
                  .formatted(
                      port == 0 ? "a port" : "port " + port, NodeSettings.HOST, e.getMessage()),
              e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private int tryBind(String listener, int port) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.bind(new InetSocketAddress(NodeSettings.HOST, port), BACKLOG);
      bound.put(listener, channel);
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    } catch (IOException e) {
      Quietly.close(channel);
      throw e;
    }
  }

  @Override
  public ServerSocketChannel openServerSocket(
      String listener, InetSocketAddress address, int backlog, int receiveBufferBytes)
      throws IOException {
    ServerSocketChannel channel = bound.remove(listener);
    if (channel == null) {
      throw new IOException("no socket is bound for listener " + listener + " at " + address);
    }
    channel.configureBlocking(false);
    return channel;
  }

  /** Closes the sockets that were not handed over. */
  @Override
  public void close() {
    bound.values().forEach(Quietly::close);
    bound.clear();
  }
}
