package io.unfreed.cli.option;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.cli.FileNames;
import io.unfreed.query.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.Option;

/** Which broker to talk to. */
public final class KafkaOptions {
  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT[,..]",
      description = "Kafka brokers to connect to.")
  private String bootstrapServers;

  @Option(
      names = "--command-config",
      paramLabel = "FILE",
      description = "Properties file for the Kafka clients (TLS, SASL, ...).")
  private Path commandConfig;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Embedded broker with its data kept in DIR; joins the one that is running there.")
  private Path dataDir;

  /** Whether any broker was named. */
  public boolean isGiven() {
    return bootstrapServers != null || dataDir != null;
  }

  /** Connects to the named brokers, or starts the embedded one. */
  public Brokers open() {
    if (bootstrapServers != null && dataDir != null) {
      throw new UsageException("--bootstrap-servers and --data-dir exclude each other");
    }
    FileNames.checkText("--data-dir", dataDir);
    Map<String, Object> client = clientProperties();
    if (bootstrapServers != null) {
      checkServers(bootstrapServers);
      client.put("bootstrap.servers", bootstrapServers);
      return new Brokers(null, client, false);
    }
    EmbeddedBroker broker =
        dataDir == null ? EmbeddedBroker.startTemporary() : EmbeddedBroker.openOrConnect(dataDir);
    client.putAll(broker.client());
    return new Brokers(broker, client, dataDir == null);
  }

  /** The same for who only reads: a directory that is not there is no place to look in. */
  public Brokers openToRead() {
    if (dataDir != null && !Files.isDirectory(dataDir)) {
      throw new UsageException("--data-dir " + dataDir + ": there is no such directory");
    }
    return open();
  }

  private static void checkServers(String servers) {
    for (String server : servers.split(",", -1)) {
      if (!isAddress(server.strip())) {
        throw new UsageException(
            "--bootstrap-servers " + servers + ": '" + server.strip() + "' is no HOST:PORT");
      }
    }
  }

  /** As Kafka's clients understand it. */
  private static boolean isAddress(String server) {
    String host = Utils.getHost(server);
    try {
      Integer port = Utils.getPort(server);
      return host != null && !host.isBlank() && port != null && port > 0 && port <= 0xFFFF;
    } catch (NumberFormatException tooLong) {
      return false;
    }
  }

  private Map<String, Object> clientProperties() {
    return commandConfig == null
        ? new HashMap<>()
        : ClientProperties.read(commandConfig, line -> System.err.println("unfreed: " + line));
  }

  /**
   * A broker to talk to.
   *
   * @param embedded ours, null when it is somebody else's
   * @param client client properties, with {@code bootstrap.servers}
   * @param isAlone whether no other process can find the broker
   */
  public record Brokers(EmbeddedBroker embedded, Map<String, Object> client, boolean isAlone)
      implements AutoCloseable {
    /** Where they listen, as clients are told. */
    public String servers() {
      return client.get("bootstrap.servers").toString();
    }

    /**
     * For a recorder, which has what must not be lost: it runs the broker when its owner ends.
     *
     * @param listener gets a line for people, when it does and when it cannot
     */
    public void keep(Consumer<String> listener) {
      if (embedded != null) {
        embedded.takeOverWhenOwnerEnds(listener);
      }
    }

    /** Whether this process started the broker; on a kept directory others may join it. */
    public boolean isPrivate() {
      return embedded != null && embedded.ownsBroker();
    }

    @Override
    public void close() {
      if (embedded != null) {
        embedded.close();
      }
    }
  }
}
