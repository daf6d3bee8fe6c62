package io.unfreed.cli.serve;

import io.unfreed.broker.TemporaryDirectory;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.query.Cluster;
import io.unfreed.query.FailedException;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.StreamsService;
import io.unfreed.streams.topology.TopicSetup;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The topology in this process, with a state directory that lives as long as it. */
public final class LocalService implements AutoCloseable {
  /** Partitions of topics on a broker of this process. */
  public static final int PARTITIONS = 4;

  /**
   * For who asks with markers: they do not wait for it, since the topology commits where it
   * answers, and each commit holds the ledgers up for some milliseconds.
   */
  public static final Duration COMMITS_FOR_ANSWERS = Duration.ofSeconds(1);

  /** For who follows the reports of ticks and of ends as they come. */
  public static final Duration COMMITS_FOR_REPORTS = Duration.ofMillis(200);

  /** So long a killed command keeps its tasks; on other brokers theirs is the say. */
  private static final int SESSION_MILLIS = 6000;

  private final StreamsService service;
  private final TemporaryDirectory state;

  private LocalService(StreamsService service, TemporaryDirectory state) {
    this.service = service;
    this.state = state;
  }

  /** Partitions of topics that are missing where the topology is about to run. */
  public static int partitions(KafkaOptions.Brokers brokers) {
    return brokers.embedded() != null ? PARTITIONS : TopicSetup.DEFAULT_PARTITIONS;
  }

  /**
   * Starts the topology. Where nobody else can find the broker, nobody else can join the group, and
   * the classic protocol is the cheaper one: its consumer fetches on the stream thread, without
   * handing every question over to another thread (docs/decisions/throughput.md).
   *
   * @param commitInterval how late what nobody asked for may be visible
   */
  public static LocalService start(
      KafkaOptions.Brokers brokers, Cluster cluster, Duration commitInterval) {
    boolean streamsProtocol = !brokers.isAlone() && cluster.joinsByStreamsProtocol();
    Map<String, Object> client = new HashMap<>(brokers.client());
    if (brokers.isPrivate() && !streamsProtocol) {
      client.put("consumer.session.timeout.ms", SESSION_MILLIS);
    }
    TemporaryDirectory state;
    try {
      state = TemporaryDirectory.create("unfreed-state");
    } catch (IOException e) {
      throw new FailedException("cannot create a temporary directory: " + e.getMessage(), e);
    }
    StreamsService service =
        new StreamsService(
            new ServiceSettings(
                client,
                2,
                state.path(),
                false,
                commitInterval,
                0,
                LaneBudget.defaultBytes(),
                streamsProtocol),
            (partition, done, total) -> {});
    service.start();
    return new LocalService(service, state);
  }

  /** Why it ended by itself; null while it has not. */
  public Throwable failure() {
    return service.failure();
  }

  @Override
  public void close() {
    service.close();
    state.close();
  }
}
