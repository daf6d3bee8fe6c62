package io.unfreed.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The addresses on which this process accepts connections, as the kernel has them (proc(5)). */
final class ListeningSockets {
  private static final String LISTEN = "0A";

  private ListeningSockets() {}

  static List<String> ofThisProcess() throws IOException {
    Set<String> inodes = socketInodes();
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] columns = line.strip().split("\\s+");
        if (columns.length > 9 && columns[3].equals(LISTEN) && inodes.contains(columns[9])) {
          addresses.add(columns[1]);
        }
      }
    }
    return addresses;
  }

  /** 127.0.0.1, also in the form that an IPv6 socket has. */
  static boolean isLoopback(String address) {
    return address.startsWith("0100007F:")
        || address.startsWith("0000000000000000FFFF00000100007F:");
  }

  /** As a client is told. */
  static String hostAndPort(String loopbackAddress) {
    String port = loopbackAddress.substring(loopbackAddress.lastIndexOf(':') + 1);
    return "127.0.0.1:" + Integer.parseInt(port, 16);
  }

  private static Set<String> socketInodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String target = target(descriptor);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
