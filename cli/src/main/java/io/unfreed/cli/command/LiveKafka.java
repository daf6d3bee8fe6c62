package io.unfreed.cli.command;

import io.unfreed.collector.spool.SpoolingSink;
import java.io.PrintStream;
import java.nio.file.Path;

/** The sink of live recordings to Kafka, and what is said about it at the end. */
final class LiveKafka {
  private LiveKafka() {}

  static SpoolingSink open(KafkaOptions.Brokers brokers) {
    return new SpoolingSink(
        brokers.client(),
        Path.of(System.getProperty("java.io.tmpdir")),
        SpoolingSink.DEFAULT_SPOOL_BYTES);
  }

  static void tell(SpoolingSink sink, PrintStream err) {
    if (sink.droppedBatches() > 0) {
      String why =
          sink.spoolFailure() == null
              ? "the broker was away for longer than the spool holds"
              : "the broker was away and the spool failed: " + sink.spoolFailure().getMessage();
      err.println(
          "unfreed: %d batches with %d events were dropped: %s"
              .formatted(sink.droppedBatches(), sink.droppedEvents(), why));
    }
  }
}
