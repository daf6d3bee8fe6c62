package io.unfreed.benchmarks.process;

import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker in a process of its own and an instance of the service beside it. */
public final class ServiceBed implements AutoCloseable {
  private static final String BROKER_HEAP = "-Xmx1g";

  private final Path home;
  private final Path directory;
  private final String heap;
  private final List<String> options;
  private final ChildProcess broker;
  private final Map<String, Object> client;
  private ChildProcess service;
  private int lives;

  /**
   * Starts the broker on an empty directory, and the service on one.
   *
   * @param home of the launcher
   * @param directory for everything that is written; removed at the end
   * @param heap of the service
   * @param options of the service, beside where its data and its state are
   */
  public ServiceBed(Path home, Path directory, String heap, List<String> options)
      throws IOException {
    this.home = home;
    this.directory = directory;
    this.heap = heap;
    this.options = options;
    delete(directory);
    Files.createDirectories(directory);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            BROKER_HEAP,
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            System.getProperty("java.class.path"),
            BrokerProcess.class.getName(),
            data().toString());
    broker = new ChildProcess(command, Map.of(), directory.resolve("broker.log"), true);
    broker.await("serving ");
    try (EmbeddedBroker there = EmbeddedBroker.openOrConnect(data())) {
      client = new HashMap<>(there.client());
    }
    start("disk");
  }

  private Path data() {
    return directory.resolve("data");
  }

  /** Client properties. */
  public Map<String, Object> client() {
    return client;
  }

  /** Starts the service with that disk, unless it runs; it serves when this returns. */
  public void start(String disk) throws IOException {
    if (service != null) {
      return;
    }
    lives++;
    List<String> command =
        new ArrayList<>(
            List.of(
                home.resolve("unfreed").toString(),
                "streams",
                "--data-dir",
                data().toString(),
                "--state-dir",
                directory.resolve(disk).toString()));
    command.addAll(options);
    service =
        new ChildProcess(
            command,
            Map.of("UNFREED_JAVA_OPTS", "-Xmx" + heap),
            directory.resolve("service-" + lives + ".log"),
            false);
    service.await("unfreed: serving ");
  }

  /** SIGKILL. */
  public void kill() {
    service.kill();
    service = null;
  }

  /** What the service costs. */
  public ChildProcess service() {
    return service;
  }

  /** Bytes of the snapshots on a disk. */
  public long snapshotBytes(String disk) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(directory.resolve(disk))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".snapshot")).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    if (service != null) {
      service.close();
    }
    broker.close();
    delete(directory);
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
