package io.unfreed.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.config.SaslConfigs;

/**
 * Where the broker of a data directory can be reached, as written in the directory.
 *
 * @param bootstrapServers host and port
 * @param clusterId tells this directory's broker from another program that got its port
 * @param pid the process that runs it, as it sees itself
 * @param secret what its clients must know
 */
record BrokerAddress(String bootstrapServers, String clusterId, long pid, BrokerSecret secret) {
  BrokerAddress {
    if (bootstrapServers.isBlank() || clusterId.isBlank()) {
      throw new IllegalArgumentException("incomplete address: " + bootstrapServers + clusterId);
    }
  }

  /** The port of {@link #bootstrapServers}. */
  int port() {
    return portOf(bootstrapServers);
  }

  static int portOf(String hostAndPort) {
    return Integer.parseInt(hostAndPort.substring(hostAndPort.lastIndexOf(':') + 1));
  }

  /** What a client is told, {@code bootstrap.servers} and credentials. */
  Map<String, Object> toClient() {
    Map<String, Object> client = new TreeMap<>(secret.toClient());
    client.put("bootstrap.servers", bootstrapServers);
    return client;
  }

  /** Writes the file, which is also a file of client properties for other programs of its owner. */
  void write(Path file) throws IOException {
    StringBuilder lines = new StringBuilder();
    toClient().forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    lines.append("cluster.id=%s\npid=%d\n".formatted(clusterId, pid));
    BrokerSecret.write(file, lines.toString());
  }

  /** The address in a file; empty if there is none or it cannot be understood. */
  static Optional<BrokerAddress> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = new StringReader(Files.readString(file))) {
      properties.load(reader);
      return BrokerSecret.ofClient(properties.getProperty(SaslConfigs.SASL_JAAS_CONFIG, ""))
          .map(secret ->
              new BrokerAddress(
                  properties.getProperty("bootstrap.servers", ""),
                  properties.getProperty("cluster.id", ""),
                  Long.parseLong(properties.getProperty("pid", "0").strip()),
                  secret));
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
