package io.unfreed.collector.live;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Names a moment in a recording of another process of this user. */
public final class MarkSender {
  private MarkSender() {}

  /**
   * Sends a label.
   *
   * @param idPrefix the session's id or its beginning; null for the newest that runs
   * @return the session marked; empty when no such recording runs
   */
  public static Optional<String> send(String idPrefix, String label) throws IOException {
    for (Path socket : ControlSockets.newestFirst()) {
      String session = ControlSockets.session(socket);
      if ((idPrefix == null || session.startsWith(idPrefix)) && sent(socket, label)) {
        return Optional.of(session);
      }
    }
    return Optional.empty();
  }

  private static boolean sent(Path socket, String label) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return taken(channel, label);
    } catch (java.net.ConnectException killed) {
      Files.deleteIfExists(socket); // its recorder was killed
      return false;
    } catch (SocketException failed) {
      if (Files.exists(socket)) {
        throw failed;
      }
      return false; // it has ended since we looked
    }
  }

  private static boolean taken(SocketChannel channel, String label) {
    try {
      channel.write(ByteBuffer.wrap((label + "\n").getBytes(StandardCharsets.UTF_8)));
      return MarkListener.line(channel).equals("ok");
    } catch (IOException ended) {
      return false;
    }
  }
}
