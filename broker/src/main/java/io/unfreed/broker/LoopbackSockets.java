package io.unfreed.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Server sockets that are bound before the node is configured.
 *
 * <p>A node must be told its ports, and a port that was merely looked up may be taken by the time
 * it is used. Here the sockets that were bound are handed to the node itself, so there is no gap.
 */
final class LoopbackSockets implements ServerSocketFactory, AutoCloseable {
  private static final int BACKLOG = 64;

  private final Map<String, ServerSocketChannel> bound = new ConcurrentHashMap<>();

  /**
   * Binds a free loopback port for a listener.
   *
   * @return the port
   */
  int bind(String listener) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      bound.put(listener, channel);
      channel.bind(new InetSocketAddress(NodeSettings.HOST, 0), BACKLOG);
      return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    } catch (IOException e) {
      throw new BrokerException(
          "cannot bind a port on %s for the embedded broker: %s"
              .formatted(NodeSettings.HOST, e.getMessage()),
          e);
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
