package io.unfreed.streams.topology;

import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.snapshot.SnapshotDirectory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.errors.TopologyException;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the topology until it is closed or fails. Keeps the first failure; a service that failed is
 * stopped as a whole, loudly. Thread-safe.
 */
public final class StreamsService implements AutoCloseable {
  /** Beside what Kafka Streams keeps, which it removes at its own discretion. */
  private static final String SNAPSHOTS = "snapshots";

  /** Kafka has some 1,800; these tell whether the service keeps up. */
  private static final Map<String, String> KNOWN_METRICS =
      Map.of(
          "stream-metrics:alive-stream-threads", "stream_threads",
          "stream-metrics:failed-stream-threads", "failed_stream_threads",
          "stream-thread-metrics:process-rate", "records_per_second",
          "stream-thread-metrics:commit-rate", "commits_per_second",
          "stream-thread-metrics:poll-records-max", "poll_records_max",
          "consumer-fetch-manager-metrics:records-lag-max", "lag_records_max",
          "stream-task-metrics:dropped-records-total", "dropped_records");

  private static final Logger LOG = LoggerFactory.getLogger(StreamsService.class);

  /** For so long threads may end for it before all run again: brokers hear of it one by one. */
  private static final Duration GROWING_LIMIT = Duration.ofMinutes(2);

  private static final Duration GROWING_PAUSE = Duration.ofMillis(200);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);

  /** Hears what holds the service up; called by its threads. */
  public interface Listener {
    /** A partition's state is being restored: records done so far and in all. */
    void restoring(TopicPartition partition, long done, long total);

    /** No broker has been connected for some seconds; the service waits for one. */
    default void brokersAway() {}

    /** A broker is connected again, so long after the last one. */
    default void brokersAnswer(Duration away) {}
  }

  private final KafkaSnapshotCluster cluster;
  private final LedgerSnapshots snapshots;
  private final RetainedEvents retained = new RetainedEvents();
  private final Map<String, Object> client;
  private final KafkaStreams streams;
  private final LocalShares shares;
  private final InstanceNumbers numbers;
  private final BrokerPresence brokers = new BrokerPresence();
  private final Listener listener;

  /** Where others reach this instance; null when they cannot. */
  private final String address;

  /** When the first thread ended because there are more partitions, since all ran; else null. */
  private final AtomicReference<Instant> growing = new AtomicReference<>();

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Guarded by this. */
  private boolean closing;

  /** A service that is not started yet. */
  public StreamsService(ServiceSettings settings, Listener listener) {
    this.listener = listener;
    Properties config = new Properties();
    config.putAll(settings.toConfig());
    client = settings.client();
    address = settings.address();
    cluster = new KafkaSnapshotCluster(client);
    snapshots = snapshots(settings);
    TaskLocks locks = new TaskLocks();
    numbers =
        new InstanceNumbers(
            LaneBudget.ofBytes(settings.ledgerBytes()),
            settings.frugal() ? Lanes.FEW : Lanes.NEVER);
    streams =
        new KafkaStreams(
            UnfreedTopology.build(
                settings.stateOnDisk(),
                new TopicSchemas(client),
                snapshots,
                retained,
                numbers,
                locks),
            config,
            new ServiceClients());
    shares = new LocalShares(streams, locks);
    streams.setUncaughtExceptionHandler(this::failed);
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.RUNNING) {
        growing.set(null);
      }
      if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
        stopped.countDown();
      }
    });
    streams.setGlobalStateRestoreListener(new Restoring(listener, numbers.restoring()));
  }

  /**
   * A thread ends so when somebody gives the recorded topics more partitions: another one goes on
   * when what the service keeps its state in has grown with them.
   */
  private StreamThreadExceptionResponse failed(Throwable e) {
    if (isOf(TopologyException.class, e) && isGrowing() && growState()) {
      // Threads that Kafka Streams makes to replace others print what they end with, else.
      Thread.currentThread().setUncaughtExceptionHandler((thread, end) -> {});
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    failure.compareAndSet(null, e);
    stopped.countDown();
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  private static boolean isOf(Class<? extends Exception> kind, Throwable e) {
    return kind.isInstance(e) || kind.isInstance(e.getCause());
  }

  private boolean isGrowing() {
    Instant now = Instant.now();
    growing.compareAndSet(null, now);
    Instant since = growing.get(); // null: all run, meanwhile
    return since == null || now.isBefore(since.plus(GROWING_LIMIT));
  }

  private boolean growState() {
    Map<String, Object> config = new HashMap<>(client);
    config.putAll(KafkaSnapshotCluster.SHORT_PATIENCE);
    try (Admin admin = Admin.create(config)) {
      boolean fits = StateTopics.grow(admin);
      Thread.sleep(GROWING_PAUSE);
      return fits;
    } catch (ExecutionException e) {
      LOG.debug("the changelogs cannot grow", e);
      return e.getCause() instanceof RetriableException;
    } catch (KafkaException e) {
      LOG.debug("the changelogs cannot grow", e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private LedgerSnapshots snapshots(ServiceSettings settings) {
    return settings.snapshotBytes() == 0
        ? null
        : new LedgerSnapshots(
            new SnapshotDirectory(settings.stateDirectory().resolve(SNAPSHOTS)),
            cluster,
            settings.snapshotBytes());
  }

  /**
   * Starts the stream threads, unless the service was closed before, by a signal that came early.
   */
  public synchronized void start() {
    if (closing) {
      return;
    }
    if (snapshots != null) {
      snapshots.startedBy(Thread.currentThread());
    }
    streams.start();
    brokers.look(streams::metrics, listener);
    retained.askPeriodically(client);
  }

  /**
   * A few of Kafka's numbers and ours of this instance, by names for people; what has not been
   * measured yet is not there.
   */
  public Map<String, Double> numbers() {
    Map<String, Double> known = new TreeMap<>();
    numbers.addTo(known);
    known.put("running", streams.state() == KafkaStreams.State.RUNNING ? 1.0 : 0.0);
    streams
        .metrics()
        .forEach((name, metric) -> {
          String ours = KNOWN_METRICS.get(name.group() + ":" + name.name());
          if (ours != null
              && metric.metricValue() instanceof Number value
              && Double.isFinite(value.doubleValue())) {
            known.merge(ours, value.doubleValue(), ours.endsWith("_max") ? Math::max : Double::sum);
          }
        });
    return known;
  }

  /** Offsets behind the last events that the tasks of this instance applied, by partition. */
  public Map<Integer, Long> reached() {
    return streams.state().isRunningOrRebalancing() ? shares.reached() : Map.of();
  }

  /** What the tasks of this instance know of a session now. */
  public List<TaskShare> shares(String session) {
    return streams.state().isRunningOrRebalancing() ? shares.of(session) : List.of();
  }

  /**
   * Addresses of the other instances, as this one heard at the last rebalance. Which partitions
   * each has, Kafka Streams 4.3.1 does not say for sure: by the streams protocol every thread is a
   * member of its own, and those of one address overwrite each other.
   */
  public Set<String> others() {
    Set<String> addresses = new TreeSet<>();
    if (streams.state().isRunningOrRebalancing()) {
      for (StreamsMetadata instance : streams.metadataForAllStreamsClients()) {
        if (instance.port() > 0) {
          String host = instance.host();
          addresses.add((host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + instance.port());
        }
      }
    }
    if (address != null) {
      addresses.remove(address);
    }
    return addresses;
  }

  /** The first failure, null while there is none. */
  public Throwable failure() {
    return failure.get();
  }

  /** Blocks until the service is closed or fails. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /** Stops and leaves the group, so that other instances take over at once. */
  @Override
  public void close() {
    synchronized (this) { // not while it starts: Kafka Streams takes that for a programming error
      closing = true;
    }
    brokers.close();
    streams.close(
        CloseOptions.timeout(CLOSE_LIMIT)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    retained.close();
    cluster.close();
    stopped.countDown();
  }

  private record Restoring(Listener listener, RestoringStores stores)
      implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      stores.onRestoreStart(partition, store, from, to);
      listener.restoring(partition, 0, to - from);
    }

    @Override
    public void onBatchRestored(
        TopicPartition partition, String store, long endOffset, long restored) {
      stores.onBatchRestored(partition, store, endOffset, restored);
      listener.restoring(partition, restored, -1);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long restored) {
      stores.onRestoreEnd(partition, store, restored);
      listener.restoring(partition, restored, restored);
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long restored) {
      stores.onRestoreSuspended(partition, store, restored);
    }
  }
}
