package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;

/**
 * What recorders that were killed, or gave up, had not published: delivered by the next command
 * that talks to the same cluster. Records may be sent that the broker has already: readers know a
 * repeated batch by its sequence. A file whose recorder lives, of another user or for another
 * cluster is left alone.
 */
public final class LeftSpools {
  /** So long the brokers may take nothing at all. */
  static final Duration STANDSTILL = Duration.ofSeconds(30);

  private LeftSpools() {}

  /**
   * Delivers and removes them.
   *
   * @param directory as given to {@link SpoolingSink}
   * @param clusterId of the brokers that the client properties lead to
   * @return a line for the user per file
   */
  public static List<String> deliver(Path directory, String clusterId, Map<String, Object> client)
      throws IOException {
    List<String> lines = new ArrayList<>();
    String ours = SpoolFile.PREFIX + "*" + SpoolFile.SUFFIX;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ours)) {
      for (Path file : files) {
        if (!isOurs(file)) {
          continue;
        }
        try (SpoolFile spool = SpoolFile.ofDead(file)) {
          if (spool != null && spool.clusterId().equals(clusterId)) {
            lines.add(deliver(spool, client));
          }
        } catch (IOException e) {
          lines.add(file + ": not delivered: " + e.getMessage());
        }
      }
    }
    return lines;
  }

  /** A directory for everybody may hold what others planted there. */
  private static boolean isOurs(Path file) throws IOException {
    return Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)
        && Files.getOwner(file).getName().equals(System.getProperty("user.name"));
  }

  private static String deliver(SpoolFile spool, Map<String, Object> client) throws IOException {
    Delivery delivery = new Delivery(spool);
    KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config(client));
    try {
      delivery.send(producer);
      delivery.await();
    } catch (KafkaException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      producer.close(Duration.ZERO); // what waits for its turn is tried again from the file
    }
    spool.delete();
    return delivery.line();
  }

  /** A broker may take a while to make room for a record in memory. */
  private static Map<String, Object> config(Map<String, Object> client) {
    Map<String, Object> config = SpoolingSink.config(client);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) STANDSTILL.toMillis());
    return config;
  }
}
