package io.unfreed.collector.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;

/**
 * What recorders that were killed, or gave up, had not published: delivered by the next command
 * that talks to the same cluster. Records may be sent that the broker has already: readers know a
 * repeated batch by its sequence. A file whose recorder lives, of another user or for another
 * cluster is left alone.
 */
public final class LeftSpools {
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
    int records = 0;
    IOException damage = null;
    AtomicReference<Exception> refused = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(SpoolingSink.config(client))) {
      long at = spool.head();
      while (at < spool.tail() && damage == null) {
        try {
          byte[] bytes = spool.read(at);
          Outgoing record = Outgoing.of(bytes);
          producer.send(
              record.toRecord(spool.partitions()),
              (metadata, e) -> {
                if (e != null) {
                  refused.compareAndSet(null, e);
                }
              });
          at = SpoolFile.after(at, bytes);
          records++;
        } catch (IOException | java.nio.BufferUnderflowException e) {
          damage = new IOException("damaged at byte " + at, e);
        }
      }
      producer.flush();
    } catch (KafkaException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (refused.get() != null) {
      throw new IOException(refused.get().getMessage(), refused.get());
    }
    spool.delete();
    return "delivered %d records that a recorder left in %s%s"
        .formatted(
            records, spool.path(), damage == null ? "" : ", which is " + damage.getMessage());
  }
}
