package io.unfreed.collector.live;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/** Takes labels from {@link MarkSender} while a recording runs: a line in, a line back. */
public final class MarkListener implements AutoCloseable {
  static final int MOST_BYTES = 4096;

  private final Path socket;
  private final ServerSocketChannel server;

  private MarkListener(Path socket, ServerSocketChannel server) {
    this.socket = socket;
    this.server = server;
  }

  /** Listens for one session, on a thread of its own. */
  public static MarkListener open(String session, Consumer<String> labels) throws IOException {
    String name = session + ControlSockets.SUFFIX;
    Path socket = ControlSockets.prepared().resolve(name);
    Path starting = ControlSockets.starting().resolve(name);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    MarkListener listener = new MarkListener(socket, server);
    try {
      // One that is bound and does not listen yet looks like that of a killed recorder.
      server.bind(UnixDomainSocketAddress.of(starting));
      Files.move(starting, socket, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      server.close();
      throw failed;
    }
    Thread.ofPlatform().daemon().name("unfreed-marks").start(() -> listener.serve(labels));
    return listener;
  }

  private void serve(Consumer<String> labels) {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        labels.accept(line(client));
        client.write(ByteBuffer.wrap("ok\n".getBytes(StandardCharsets.UTF_8)));
      } catch (ClosedChannelException over) {
        return;
      } catch (IOException brokenClient) {
        // Its own loss; the next one may do better.
      }
    }
  }

  static String line(SocketChannel from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES);
    while (bytes.hasRemaining() && from.read(bytes) >= 0) {
      if (bytes.position() > 0 && bytes.get(bytes.position() - 1) == '\n') {
        break;
      }
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}
