package io.unfreed.cli.command;

import io.unfreed.cli.FailedException;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.StreamsService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** The topology in this process, with a state directory that lives as long as it. */
final class LocalService implements AutoCloseable {
  /** Partitions of topics that this process creates. */
  static final int PARTITIONS = 4;

  /**
   * How late a tick's report may be visible. An answer does not wait for it: the topology commits
   * where it answers. Each commit holds the ledgers up for some milliseconds.
   */
  private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(1);

  private final StreamsService service;
  private final Path stateDirectory;

  private LocalService(StreamsService service, Path stateDirectory) {
    this.service = service;
    this.stateDirectory = stateDirectory;
  }

  static LocalService start(Map<String, Object> client, boolean streamsProtocol) {
    Path state;
    try {
      state = Files.createTempDirectory("unfreed-state");
    } catch (IOException e) {
      throw new FailedException("cannot create a temporary directory: " + e.getMessage(), e);
    }
    StreamsService service =
        new StreamsService(
            new ServiceSettings(client, 2, state, false, COMMIT_INTERVAL, streamsProtocol),
            (partition, done, total) -> {});
    service.start();
    return new LocalService(service, state);
  }

  Throwable failure() {
    return service.failure();
  }

  @Override
  public void close() {
    service.close();
    try (Stream<Path> files = Files.walk(stateDirectory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("unfreed: " + stateDirectory + ": not removed: " + e.getMessage());
    }
  }
}
