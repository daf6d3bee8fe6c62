package io.unfreed.cli.live;

import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.serve.LocalService;
import io.unfreed.collector.spool.LeftSpools;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** The sink of live recordings to Kafka, and what is said about it at the end. */
public final class LiveKafka {
  private LiveKafka() {}

  /**
   * Delivers what earlier recorders left. Only on a broker of our own are topics created that are
   * missing: elsewhere somebody has to say with how many partitions.
   */
  public static SpoolingSink open(KafkaOptions.Brokers brokers) {
    return open(brokers, Topics.EVENTS);
  }

  /** The same for who publishes to another topic than that of the events. */
  public static SpoolingSink open(KafkaOptions.Brokers brokers, Topics recorded) {
    try (Cluster cluster = new Cluster(brokers.client())) {
      if (brokers.embedded() != null) {
        cluster.ensureTopics(LocalService.PARTITIONS);
      }
      int partitions = cluster.eventPartitions(recorded);
      if (!brokers.isPrivate()) {
        publishSchemas(cluster);
      }
      String id = cluster.id();
      deliverLeft(brokers, id);
      return new SpoolingSink(
          brokers.client(), id, partitions, spoolDirectory(), SpoolingSink.DEFAULT_SPOOL_BYTES);
    }
  }

  /** Says in a line when it cannot be; nothing that is written depends on it. */
  public static void publishSchemas(Cluster cluster) {
    String failure = cluster.publishSchemas();
    if (failure != null) {
      System.err.println("unfreed: " + failure);
    }
  }

  /** Delivers what recorders of this user that died had not published to these brokers. */
  public static void deliverLeft(KafkaOptions.Brokers brokers, String clusterId) {
    try {
      LeftSpools.deliver(spoolDirectory(), clusterId, brokers.client())
          .forEach(line -> System.err.println("unfreed: " + line));
    } catch (IOException e) {
      System.err.println("unfreed: " + spoolDirectory() + ": cannot be read: " + e.getMessage());
    }
  }

  private static Path spoolDirectory() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Says what never reached the brokers. */
  public static void tell(SpoolingSink sink, PrintStream err) {
    if (sink.refusals() != null) {
      err.println("unfreed: " + sink.refusals());
    }
    if (sink.droppedBatches() > 0) {
      String why =
          sink.spoolFailure() == null
              ? "the broker was away for longer than the spool holds"
              : "the broker was away and the spool failed: " + sink.spoolFailure().getMessage();
      err.println(
          "unfreed: %d batches with %d events were dropped: %s"
              .formatted(sink.droppedBatches(), sink.droppedEvents(), why));
    }
    if (sink.droppedStatements() > 0) {
      err.println(
          "unfreed: %d statements of the trace were dropped: the broker was away for longer than the spool holds"
              .formatted(sink.droppedStatements()));
    }
  }
}
