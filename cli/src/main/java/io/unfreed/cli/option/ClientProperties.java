package io.unfreed.cli.option;

import io.unfreed.collector.capture.RecordingException;
import io.unfreed.query.FailedException;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The user's file of client properties: everything about the way to the brokers. What our
 * guarantees rest on is not for it to say: exactly once, committed records only, a lane's order and
 * partition.
 */
final class ClientProperties {
  private static final Set<String> OURS =
      Set.of(
          // of producers
          "acks",
          "enable.idempotence",
          "key.serializer",
          "max.in.flight.requests.per.connection",
          "partitioner.class",
          "partitioner.ignore.keys",
          "transactional.id",
          "value.serializer",
          // of consumers
          "allow.auto.create.topics",
          "auto.offset.reset",
          "enable.auto.commit",
          "group.id",
          "group.instance.id",
          "group.protocol",
          "group.remote.assignor",
          "isolation.level",
          "key.deserializer",
          "partition.assignment.strategy",
          "value.deserializer",
          // of the topology
          "application.id",
          "default.deserialization.exception.handler",
          "default.key.serde",
          "default.production.exception.handler",
          "default.timestamp.extractor",
          "default.value.serde",
          "deserialization.exception.handler",
          "num.stream.threads",
          "processing.exception.handler",
          "processing.guarantee",
          "production.exception.handler",
          "state.dir");

  /** What the topology's clients may be told apart by. */
  private static final List<String> PREFIXES =
      List.of(
          "producer.",
          "consumer.",
          "main.consumer.",
          "restore.consumer.",
          "global.consumer.",
          "admin.");

  private ClientProperties() {}

  /**
   * Reads a file.
   *
   * @param ignored hears a line about what the file may not say, if there is any
   */
  static Map<String, Object> read(Path file, Consumer<String> ignored) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw unreadable(file, RecordingException.reason(e), e);
    } catch (IllegalArgumentException e) {
      throw unreadable(file, e.getMessage(), e);
    }
    Map<String, Object> client = new TreeMap<>();
    Set<String> refused = new TreeSet<>();
    properties.forEach((key, value) -> {
      String name = key.toString();
      if (OURS.contains(bare(name))) {
        refused.add(name);
      } else {
        client.put(name, value);
      }
    });
    if (!refused.isEmpty()) {
      String names = Printable.of(String.join(", ", refused));
      ignored.accept(file + ": ignored, since Unfreed's guarantees need its own: " + names);
    }
    return client;
  }

  private static String bare(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        return name.substring(prefix.length());
      }
    }
    return name;
  }

  private static FailedException unreadable(Path file, String why, Exception e) {
    return new FailedException(file + ": cannot read the client properties: " + why, e);
  }
}
