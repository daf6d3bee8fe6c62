package io.unfreed.cli.command;

import io.unfreed.broker.BrokerException;
import io.unfreed.broker.TemporaryDirectory;
import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.FileNames;
import io.unfreed.cli.live.LiveExit;
import io.unfreed.cli.live.LiveKafka;
import io.unfreed.cli.option.ByteSizes;
import io.unfreed.cli.option.Durations;
import io.unfreed.cli.option.HeapParts;
import io.unfreed.cli.option.HttpOptions;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.PartitionsOption;
import io.unfreed.cli.serve.RetentionLoop;
import io.unfreed.cli.serve.ServiceInstance;
import io.unfreed.cli.serve.ServicePage;
import io.unfreed.cli.serve.ServiceProgress;
import io.unfreed.query.Cluster;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.StreamsService;
import io.unfreed.streams.topology.UnfreedTopology;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the topology as a service until it is told to stop. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class StreamsCommand implements Callable<Integer> {
  @Mixin private KafkaOptions kafka;

  @Option(names = "--describe", description = "Print the topology and end.")
  private boolean describe;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Stream threads (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Mixin private PartitionsOption partitions;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description =
          "Keep report states below DIR, so that a restart need not read them from the broker"
              + " again; one instance each (default: a temporary directory).")
  private Path stateDirectory;

  @Option(
      names = "--commit-interval",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "200ms",
      description = "How often results become visible (default: ${DEFAULT-VALUE}).")
  private long commitIntervalNanos;

  @Option(
      names = "--snapshot-every",
      paramLabel = "BYTES",
      converter = ByteSizes.class,
      defaultValue = "32m",
      description =
          "Write a partition's state down after so many bytes of events: what a restart has to"
              + " apply again; 0: never (default: ${DEFAULT-VALUE}).")
  private long snapshotBytes;

  @Option(
      names = "--ledger-memory",
      paramLabel = "SIZE|N%",
      converter = HeapParts.class,
      defaultValue = "50%",
      description =
          "So much of the heap outstanding blocks may take, and those of one process half of that;"
              + " who takes more is only counted (default: 50%% of the heap).")
  private long ledgerBytes;

  @Option(
      names = "--keep-sessions",
      paramLabel = "D",
      converter = Durations.class,
      description =
          "Forget sessions so long after their end, with their states and stacks (default:"
              + " never).")
  private Long keepSessionsNanos;

  @Mixin private HttpOptions http;

  @Override
  public Integer call() {
    partitions.check();
    if (describe) {
      System.out.print(UnfreedTopology.build(true).describe());
      return ExitCodes.OK;
    }
    if (!kafka.isGiven()) {
      throw new UsageException("streams needs --bootstrap-servers or --data-dir");
    }
    FileNames.checkText("--state-dir", stateDirectory);
    if (http.isGiven()) {
      http.access(); // refused before anything is started
      http.tls();
    }
    LiveExit exit = new LiveExit();
    return exit.run(() -> serve(exit));
  }

  private int serve(LiveExit exit) throws IOException, InterruptedException {
    try (KafkaOptions.Brokers brokers = kafka.open()) {
      if (brokers.embedded() != null) {
        brokers.embedded().beforeExit(exit::awaitEnd);
      }
      boolean streamsProtocol;
      String clusterId;
      try (Cluster cluster = new Cluster(brokers.client())) {
        partitions.create(cluster).forEach(line -> System.err.println("unfreed: " + line));
        LiveKafka.publishSchemas(cluster);
        streamsProtocol = cluster.joinsByStreamsProtocol();
        clusterId = cluster.id();
      }
      if (stateDirectory != null) {
        // States of two clusters must never meet.
        serve(exit, brokers, streamsProtocol, stateDirectory.resolve(clusterId));
      } else {
        try (TemporaryDirectory state = TemporaryDirectory.create("unfreed-state")) {
          serve(exit, brokers, streamsProtocol, state.path());
        }
      }
    }
    return ExitCodes.OK;
  }

  private void serve(
      LiveExit exit, KafkaOptions.Brokers brokers, boolean streamsProtocol, Path state)
      throws InterruptedException {
    if (!http.isGiven()) {
      serve(exit, brokers, settings(brokers, streamsProtocol, state, null), null, null);
      return;
    }
    ServiceInstance instance = new ServiceInstance();
    try (ServicePage page = ServicePage.open(brokers.client(), http, instance)) {
      String address = http.advertised(page.server().port());
      serve(exit, brokers, settings(brokers, streamsProtocol, state, address), page, instance);
    }
  }

  private ServiceSettings settings(
      KafkaOptions.Brokers brokers, boolean streamsProtocol, Path state, String address) {
    return new ServiceSettings(
        brokers.client(),
        threads,
        state,
        true,
        Duration.ofNanos(commitIntervalNanos),
        snapshotBytes,
        ledgerBytes,
        streamsProtocol,
        address,
        true);
  }

  /** Without a page and its instance, nothing is served. */
  private void serve(
      LiveExit exit,
      KafkaOptions.Brokers brokers,
      ServiceSettings settings,
      ServicePage page,
      ServiceInstance instance)
      throws InterruptedException {
    ServiceProgress progress = new ServiceProgress(System.err, brokers.servers());
    CompletableFuture<BrokerException> brokerGone = new CompletableFuture<>();
    try (StreamsService service = new StreamsService(settings, progress)) {
      exit.onSignal(service::close);
      if (brokers.embedded() != null) {
        brokers
            .embedded()
            .onOwnerEnd(gone -> {
              brokerGone.complete(gone);
              service.close();
            });
      }
      service.start();
      if (!exit.isSignalled()) {
        System.err.println(
            "unfreed: serving " + brokers.servers() + " as group " + ServiceSettings.GROUP);
      }
      if (page != null) {
        instance.is(service);
        System.out.println(http.url(page.server()));
      }
      awaitStop(service, brokers);
      if (brokerGone.isDone() && !exit.isSignalled()) {
        throw brokerGone.join();
      }
      if (service.failure() != null) {
        throw FailedException.ofTopology(service.failure());
      }
    } catch (ProcessorStateException e) {
      throw new FailedException(
          "state directory %s: %s; it may be removed: the broker has all that is in it"
              .formatted(settings.stateDirectory(), deepest(e)),
          e);
    } catch (StreamsException e) {
      throw new FailedException(
          "state directory "
              + settings.stateDirectory()
              + ": in use by another instance, or not writable",
          e);
    }
  }

  private static String deepest(Throwable e) {
    return e.getCause() == null ? e.getMessage() : deepest(e.getCause());
  }

  private void awaitStop(StreamsService service, KafkaOptions.Brokers brokers)
      throws InterruptedException {
    if (keepSessionsNanos == null) {
      service.awaitStop();
      return;
    }
    Duration keep = Duration.ofNanos(keepSessionsNanos);
    try (RetentionLoop retention = new RetentionLoop(brokers.client(), keep)) {
      service.awaitStop();
    }
  }
}
