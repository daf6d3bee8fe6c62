package io.unfreed.cli.live;

import io.unfreed.collector.live.MarkSender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Recordings that run now, by the process that runs them: others may record beside the tests. */
final class Recordings {
  private static final String SUFFIX = ".sock";

  private Recordings() {}

  /** Whether a process records, so that its session takes marks; puts one. */
  static boolean isRunning(long pid) throws IOException {
    Optional<String> session = session(pid);
    return session.isPresent() && MarkSender.send(session.get(), "recording").isPresent();
  }

  /** The session whose socket the process listens on: unix(7) sockets by inode. */
  static Optional<String> session(long pid) throws IOException {
    List<String> sockets;
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      sockets = files.map(Recordings::target).toList();
    } catch (IOException gone) {
      return Optional.empty();
    }
    return Files.readAllLines(Path.of("/proc/net/unix")).stream()
        .map(line -> line.split(" +"))
        .filter(fields -> fields.length == 8 && fields[7].endsWith(SUFFIX))
        .filter(fields -> sockets.contains("socket:[" + fields[6] + "]"))
        .map(fields -> Path.of(fields[7]).getFileName().toString())
        .filter(name -> name.matches("[0-9a-f-]{36}\\.sock"))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .findFirst();
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
