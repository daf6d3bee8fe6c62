package io.unfreed.cli;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * How tests reach an embedded broker as somebody else's: by its address and credentials.
 *
 * @param file client properties
 * @param client the same, read
 */
public record BrokerAccess(Path file, Map<String, Object> client) {
  /** Of a broker of this process. */
  public static BrokerAccess of(EmbeddedBroker broker) {
    return of(broker.clientFile());
  }

  /** As a file of client properties says. */
  public static BrokerAccess of(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Object> client = new HashMap<>();
    properties.forEach((name, value) -> client.put(name.toString(), value));
    return new BrokerAccess(file, client);
  }

  String servers() {
    return client.get("bootstrap.servers").toString();
  }

  /** The options that lead a command to the broker. */
  public List<String> options() {
    return List.of("--bootstrap-servers", servers(), "--command-config", file.toString());
  }

  /** A command line with the options behind it. */
  public String[] with(String... command) {
    List<String> all = new ArrayList<>(Arrays.asList(command));
    all.addAll(options());
    return all.toArray(String[]::new);
  }
}
