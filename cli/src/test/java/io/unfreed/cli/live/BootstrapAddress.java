package io.unfreed.cli.live;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An address that stays while the broker behind it comes back elsewhere, as a name in DNS does. */
final class BootstrapAddress implements AutoCloseable {
  private final ServerSocket server;
  private volatile int port;

  BootstrapAddress() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  /** Where it leads from now on. */
  void leadTo(String hostAndPort) {
    port = Integer.parseInt(hostAndPort.substring(hostAndPort.lastIndexOf(':') + 1));
  }

  String servers() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        connect(server.accept());
      } catch (IOException over) {
        return;
      }
    }
  }

  private void connect(Socket client) throws IOException {
    try {
      Socket broker = new Socket(InetAddress.getLoopbackAddress(), port);
      Thread.ofVirtual().start(() -> copy(client, broker));
      Thread.ofVirtual().start(() -> copy(broker, client));
    } catch (IOException away) {
      client.close();
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException closed) {
      // One side has gone, and so goes the other.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
