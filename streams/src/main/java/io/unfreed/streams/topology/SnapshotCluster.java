package io.unfreed.streams.topology;

import io.unfreed.streams.snapshot.Snapshot;
import io.unfreed.streams.snapshot.SnapshotHeader;
import java.util.UUID;

/** What stores ask of the brokers before they begin with a snapshot. Thread-safe. */
interface SnapshotCluster {
  /**
   * A partition of the events.
   *
   * @param topicId of the topic
   * @param beginOffset of the oldest record that is retained
   * @param committedOffset of the first record that the service has to process; null when it never
   *     processed any
   */
  record EventLog(UUID topicId, long beginOffset, Long committedOffset) {}

  /** A snapshot whose pieces were not read yet. */
  interface Stored {
    /** Of what it is the state. */
    SnapshotHeader header();

    /** All of it. */
    Snapshot read() throws Exception;
  }

  /** How much of a partition is retained, and processed. */
  EventLog eventLog(int partition) throws Exception;

  /** The newest snapshot of a partition that other instances left, or null. */
  Stored newest(int partition) throws Exception;
}
