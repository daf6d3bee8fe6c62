package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.FailedException;
import io.unfreed.cli.UsageException;
import io.unfreed.cli.kafka.Cluster;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.StreamsService;
import io.unfreed.streams.topology.UnfreedTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the topology as a service until it is told to stop. */
@Command(
    name = "streams",
    description = "Runs the topology as a service, until SIGTERM.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
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

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "8",
      description = "Partitions of topics that are missing (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "Where report states are kept on disk (default: below java.io.tmpdir).")
  private Path stateDirectory = Path.of(System.getProperty("java.io.tmpdir"), "unfreed-streams");

  @Option(
      names = "--commit-interval",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "200ms",
      description = "How often results become visible (default: ${DEFAULT-VALUE}).")
  private long commitIntervalNanos;

  @Override
  public Integer call() throws InterruptedException {
    if (describe) {
      System.out.print(UnfreedTopology.build(true).describe());
      return ExitCodes.OK;
    }
    if (!kafka.isGiven()) {
      throw new UsageException("streams needs --bootstrap-servers or --data-dir");
    }
    try (KafkaOptions.Brokers brokers = kafka.open()) {
      boolean streamsProtocol;
      try (Cluster cluster = new Cluster(brokers.client())) {
        cluster.ensureTopics(partitions);
        streamsProtocol = cluster.hasStreamsProtocol();
      }
      serve(brokers, streamsProtocol);
    }
    return ExitCodes.OK;
  }

  private void serve(KafkaOptions.Brokers brokers, boolean streamsProtocol)
      throws InterruptedException {
    ServiceSettings settings =
        new ServiceSettings(
            brokers.client(),
            threads,
            stateDirectory,
            true,
            Duration.ofNanos(commitIntervalNanos),
            streamsProtocol);
    StreamsService service = new StreamsService(settings, new RestoreProgress(System.err));
    Thread closer = new Thread(service::close, "unfreed-close");
    Runtime.getRuntime().addShutdownHook(closer);
    service.start();
    System.err.println(
        "unfreed: serving " + brokers.servers() + " as group " + ServiceSettings.GROUP);
    service.awaitStop();
    if (service.failure() != null) {
      throw new FailedException(
          "the topology failed: " + service.failure().getMessage(), service.failure());
    }
    closer.join();
  }
}
