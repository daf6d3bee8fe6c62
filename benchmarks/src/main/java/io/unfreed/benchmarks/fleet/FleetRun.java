package io.unfreed.benchmarks.fleet;

import io.unfreed.benchmarks.process.BrokerProcess;
import io.unfreed.benchmarks.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** One fleet: starts everything, measures, kills an instance, ends everything. */
final class FleetRun implements AutoCloseable {
  private static final int RECORDERS_PER_PROCESS = 500;
  private static final long PATIENCE_SECONDS = 300;
  private static final String HEAP_OF_RECORDERS = "-Xmx3g";

  private final FleetPlan plan;
  private final int recorders;
  private final String prefix;
  private final List<ChildProcess> children = new ArrayList<>();
  private final List<ChildProcess> instances = new ArrayList<>();
  private final List<ChildProcess> sources = new ArrayList<>();
  private ChildProcess broker;

  FleetRun(FleetPlan plan, int recorders, int round) {
    this.plan = plan;
    this.recorders = recorders;
    prefix = "fleet-" + Long.toHexString(System.currentTimeMillis()) + "-" + round + "-";
  }

  /** Runs it. */
  Row run() throws IOException, InterruptedException, ExecutionException {
    startBroker();
    for (int i = 0; i < plan.instances(); i++) {
      instances.add(startInstance(i));
    }
    Map<String, Object> client = Brokers.client(plan);
    try (ReportWatch reports = new ReportWatch(client, prefix);
        LagWatch lag = new LagWatch(client)) {
      startRecorders();
      double settled = reports.awaitReportedSince(Instant.now(), recorders, PATIENCE_SECONDS);
      if (settled < 0) {
        throw new IOException(
            "only %d of %d recorders are reported after %d s"
                .formatted(reports.reportedSince(Instant.EPOCH), recorders, PATIENCE_SECONDS));
      }
      Cost before = cost();
      reports.measure(true);
      long largestLag = largestLag(lag);
      reports.measure(false);
      Cost spent = cost().minus(before);
      settled = reports.awaitReportedSince(Instant.now(), recorders, PATIENCE_SECONDS);
      double peak = peakMegabytes();
      Instant killed = Instant.now();
      instances.getLast().kill();
      double recovered = reports.awaitReportedSince(killed, recorders, PATIENCE_SECONDS);
      long sent = endRecorders();
      long counted = reports.awaitFinals(recorders, PATIENCE_SECONDS);
      if (sent != counted) {
        System.err.printf(
            "sent %d events, %d final reports of %d count %d%n",
            sent, reports.finals(), recorders, counted);
      }
      return row(spent, reports.delays(), largestLag, peak, settled, recovered, sent == counted);
    }
  }

  private record Cost(double seconds, double serviceCpu, double brokerCpu) {
    Cost minus(Cost before) {
      return new Cost(
          seconds - before.seconds, serviceCpu - before.serviceCpu, brokerCpu - before.brokerCpu);
    }
  }

  private Row row(
      Cost spent,
      Histogram delays,
      long largestLag,
      double peak,
      double settled,
      double recovered,
      boolean isRight) {
    double rate = 0;
    for (int i = 0; i < recorders; i++) {
      rate += plan.rate(i);
    }
    return new Row(
        recorders,
        rate,
        spent.serviceCpu / spent.seconds,
        spent.brokerCpu / spent.seconds,
        peak,
        delays.getValueAtPercentile(50),
        delays.getValueAtPercentile(99),
        delays.getMaxValue(),
        largestLag,
        settled,
        recovered,
        isRight);
  }

  private Cost cost() throws IOException {
    double service = 0;
    for (ChildProcess instance : instances) {
      service += instance.cpuSeconds();
    }
    return new Cost(System.nanoTime() / 1e9, service, broker == null ? 0 : broker.cpuSeconds());
  }

  private double peakMegabytes() throws IOException {
    double peak = 0;
    for (ChildProcess instance : instances) {
      peak = Math.max(peak, instance.peakMegabytes());
    }
    return peak;
  }

  private long largestLag(LagWatch lag) throws InterruptedException, ExecutionException {
    long largest = 0;
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(plan.seconds());
    while (System.nanoTime() < endNanos) {
      TimeUnit.SECONDS.sleep(1);
      largest = Math.max(largest, lag.records());
    }
    return largest;
  }

  private void startBroker() throws IOException {
    if (plan.servers() == null) {
      delete(Brokers.data(plan));
      List<String> command = java("-Xmx1g", BrokerProcess.class, Brokers.data(plan).toString());
      broker = start(command, Map.of(), "broker", true);
      broker.await("serving ");
    }
  }

  private ChildProcess startInstance(int number) throws IOException {
    Path state = plan.work().resolve("state-" + number);
    delete(state);
    List<String> command = new ArrayList<>();
    command.add(plan.home().resolve("unfreed").toString());
    command.add("streams");
    command.addAll(Brokers.options(plan));
    command.addAll(List.of("--state-dir", state.toString()));
    ChildProcess instance =
        start(
            command,
            Map.of("UNFREED_JAVA_OPTS", "-Xmx" + plan.heap()),
            "instance-" + number,
            false);
    instance.await("unfreed: serving ");
    return instance;
  }

  private void startRecorders() throws IOException {
    for (int first = 0; first < recorders; first += RECORDERS_PER_PROCESS) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "session=" + prefix,
                  "first=" + first,
                  "count=" + Math.min(RECORDERS_PER_PROCESS, recorders - first)));
      arguments.addAll(Fleet.given());
      List<String> command =
          java(HEAP_OF_RECORDERS, FleetRecorders.class, arguments.toArray(String[]::new));
      sources.add(start(command, Map.of(), "recorders-" + first, true));
    }
    for (ChildProcess source : sources) {
      source.await("recording");
    }
  }

  private long endRecorders() throws IOException {
    for (ChildProcess source : sources) {
      source.end();
    }
    long events = 0;
    for (ChildProcess source : sources) {
      events += Long.parseLong(source.await("events "));
    }
    return events;
  }

  private ChildProcess start(
      List<String> command, Map<String, String> environment, String name, boolean readsInput)
      throws IOException {
    ChildProcess child =
        new ChildProcess(command, environment, plan.work().resolve(name + ".log"), readsInput);
    children.add(child);
    return child;
  }

  private static List<String> java(String heap, Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return command;
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

  /** Recorders first, the broker last. */
  @Override
  public void close() throws IOException {
    for (ChildProcess source : sources) {
      source.close();
    }
    for (ChildProcess instance : instances) {
      instance.close();
    }
    if (broker != null) {
      broker.close();
    }
    for (ChildProcess child : children) {
      child.kill();
    }
  }
}
