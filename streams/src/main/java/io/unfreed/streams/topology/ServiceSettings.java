package io.unfreed.streams.topology;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How the topology is run.
 *
 * @param client Kafka client properties, with {@code bootstrap.servers}
 * @param threads stream threads
 * @param stateDirectory where Kafka Streams keeps its files
 * @param stateOnDisk report states are kept in RocksDB instead of memory
 * @param commitInterval how often results become visible
 * @param snapshotBytes after so many bytes of events the ledgers of a partition are written down;
 *     0: never, so that a restart applies the whole log
 * @param ledgerBytes how much of the heap the outstanding blocks of all lanes may take
 * @param streamsProtocol use the streams group protocol (brokers from 4.2); else the classic one
 * @param address HOST:PORT at which other instances can ask this one; null when they cannot
 * @param frugal for an instance that runs for weeks: it fetches records some times a second, and of
 *     many silent processes it hears the ticks once a minute; else all at once, for somebody who
 *     looks on
 */
public record ServiceSettings(
    Map<String, Object> client,
    int threads,
    Path stateDirectory,
    boolean stateOnDisk,
    Duration commitInterval,
    long snapshotBytes,
    long ledgerBytes,
    boolean streamsProtocol,
    String address,
    boolean frugal) {

  /** The group of all instances. */
  public static final String GROUP = "unfreed";

  private static final int FETCH_BYTES = 8 << 20;
  private static final int GATHERED_BYTES = 64 << 10;
  private static final int GATHERING_MILLIS = 250;

  /** Of an instance that others cannot ask, and whose ticks are all looked at. */
  public ServiceSettings(
      Map<String, Object> client,
      int threads,
      Path stateDirectory,
      boolean stateOnDisk,
      Duration commitInterval,
      long snapshotBytes,
      long ledgerBytes,
      boolean streamsProtocol) {
    this(
        client,
        threads,
        stateDirectory,
        stateOnDisk,
        commitInterval,
        snapshotBytes,
        ledgerBytes,
        streamsProtocol,
        null,
        false);
  }

  Map<String, Object> toConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitInterval.toMillis());
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, streamsProtocol ? "streams" : "classic");
    // Each processor works on one topic (UnfreedTopologyTest), and none waits for another one. By
    // default a stream thread asks its consumer's thread in each round how far each partition is.
    config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    // Records are batches of up to 480 kB: a few are plenty.
    config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 64);
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), FETCH_BYTES);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 64);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    if (frugal) {
      gatherRecords(config);
    }
    config.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    config.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        TopicSetup.LARGEST_RECORD_BYTES);
    config.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
        TopicSetup.LARGEST_RECORD_BYTES);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    config.putAll(client);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, GROUP);
    if (address != null) {
      config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, address);
    }
    return config;
  }

  /** Thousands of quiet recorders would wake the threads thousands of times a second. */
  private static void gatherRecords(Map<String, Object> config) {
    config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, GATHERED_BYTES);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, GATHERING_MILLIS);
    // What is restored is waited for.
    config.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 1);
  }
}
