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

  /** What it is started for, and how long it may take for that. */
  public enum Purpose {
    /**
     * Somebody asks with markers, and then ends it. They do not wait for commits, since the
     * topology commits where it answers, and each holds the ledgers up for some milliseconds; but
     * closing awaits the fetch that was sent ahead.
     */
    ANSWERS(Duration.ofSeconds(1), Duration.ofMillis(50)),

    /** Somebody follows the reports of ticks and of ends as they come, for long. */
    REPORTS(Duration.ofMillis(200), Duration.ofMillis(500));

    private final Duration commits;
    private final Duration fetches;

    Purpose(Duration commits, Duration fetches) {
      this.commits = commits;
      this.fetches = fetches;
    }
  }

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
   */
  public static LocalService start(KafkaOptions.Brokers brokers, Cluster cluster, Purpose purpose) {
    boolean streamsProtocol = !brokers.isAlone() && cluster.joinsByStreamsProtocol();
    Map<String, Object> client = new HashMap<>(brokers.client());
    client.putIfAbsent("fetch.max.wait.ms", (int) purpose.fetches.toMillis());
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
                purpose.commits,
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
