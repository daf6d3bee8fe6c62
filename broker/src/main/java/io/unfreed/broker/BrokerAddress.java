package io.unfreed.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * Where the broker of a data directory can be reached, as written in the directory.
 *
 * @param bootstrapServers host and port
 * @param clusterId tells this directory's broker from another program that got its port
 * @param pid the process that runs it, for the user's eyes
 */
record BrokerAddress(String bootstrapServers, String clusterId, long pid) {
  BrokerAddress {
    if (bootstrapServers.isBlank() || clusterId.isBlank()) {
      throw new IllegalArgumentException("incomplete address: " + bootstrapServers + clusterId);
    }
  }

  /** Writes the file so that a reader sees all of it or none. */
  void write(Path file) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        draft,
        "bootstrap.servers=%s\ncluster.id=%s\npid=%d\n"
            .formatted(bootstrapServers, clusterId, pid));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The address in a file; empty if there is none or it cannot be understood. */
  static Optional<BrokerAddress> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = new StringReader(Files.readString(file))) {
      properties.load(reader);
      return Optional.of(
          new BrokerAddress(
              properties.getProperty("bootstrap.servers", ""),
              properties.getProperty("cluster.id", ""),
              Long.parseLong(properties.getProperty("pid", "0").strip())));
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
