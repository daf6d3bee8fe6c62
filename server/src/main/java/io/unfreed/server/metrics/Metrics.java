package io.unfreed.server.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.unfreed.query.ProcessNumbers;
import io.unfreed.render.CommandName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The newest numbers of processes, of their fastest leaks, and of the service itself, in
 * Prometheus' text format. Labels are the session, the process and its command's name, of a leak
 * the id of its stack, never a name that a program chooses freely: as many series as processes and
 * leaks that are known, which are bounded.
 */
public final class Metrics {
  /** The media type of the text. */
  public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** The suffix of counters, which the format adds. */
  private static final String TOTAL = "_total";

  private final Supplier<List<ProcessNumbers>> processes;
  private final Supplier<Map<String, Double>> service;

  /**
   * Metrics.
   *
   * @param service numbers of the service by their names behind {@code unfreed_service_}: counters
   *     when they end with {@code _total}, gauges otherwise
   */
  public Metrics(Supplier<List<ProcessNumbers>> processes, Supplier<Map<String, Double>> service) {
    this.processes = processes;
    this.service = service;
  }

  /** Writes all of them. */
  public void write(OutputStream out) throws IOException {
    List<ProcessNumbers> known = processes.get();
    List<MetricSnapshot> all = new ArrayList<>();
    List<ProcessNumbers> added = known.stream().filter(one -> !one.isKernel()).toList();
    gauge(
        all,
        "outstanding_bytes",
        "Bytes allocated and not freed.",
        added,
        one -> one.totals().outstandingBytes());
    gauge(
        all,
        "outstanding_blocks",
        "Blocks allocated and not freed.",
        added,
        one -> one.totals().outstandingCount());
    gauge(
        all,
        "certain_bytes",
        "Outstanding bytes whose free was certainly not lost.",
        added,
        one -> one.totals().certainBytes());
    counter(all, "allocations", "Allocations.", known, one -> one.totals().allocations());
    counter(all, "frees", "Frees of known blocks.", known, one -> one.totals().frees());
    counter(
        all, "allocated_bytes", "Bytes allocated.", known, one -> one.totals().allocatedBytes());
    counter(
        all,
        "lost_events",
        "Events lost that could concern the process.",
        known,
        one -> one.totals().lostEvents());
    gauge(all, "leaking_stacks", "Stacks judged to leak.", known, ProcessNumbers::leaks);
    gauge(all, "leaking_bytes", "Bytes that these stacks hold.", known, ProcessNumbers::leakBytes);
    gauge(
        all,
        "leaking_bytes_per_second",
        "By how much these stacks grow.",
        known,
        ProcessNumbers::leakBytesPerSecond);
    all.addAll(new LeakMetrics(known).all());
    new TreeMap<>(service.get())
        .forEach((name, value) -> all.add(ofService("unfreed_service_" + name, value)));
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(out, new MetricSnapshots(all));
  }

  private static MetricSnapshot ofService(String name, double value) {
    String help = "Of this instance of the service.";
    return name.endsWith(TOTAL)
        ? CounterSnapshot.builder()
            .name(name.substring(0, name.length() - TOTAL.length()))
            .help(help)
            .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().value(value).build())
            .build()
        : GaugeSnapshot.builder()
            .name(name)
            .help(help)
            .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
            .build();
  }

  private static void gauge(
      List<MetricSnapshot> all,
      String name,
      String help,
      List<ProcessNumbers> processes,
      ToDoubleFunction<ProcessNumbers> number) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("unfreed_" + name).help(help);
    for (ProcessNumbers one : processes) {
      gauge.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder()
              .labels(labels(one))
              .value(number.applyAsDouble(one))
              .build());
    }
    all.add(gauge.build());
  }

  private static void counter(
      List<MetricSnapshot> all,
      String name,
      String help,
      List<ProcessNumbers> processes,
      ToDoubleFunction<ProcessNumbers> number) {
    CounterSnapshot.Builder counter = CounterSnapshot.builder().name("unfreed_" + name).help(help);
    for (ProcessNumbers one : processes) {
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(labels(one))
              .value(Math.max(0, number.applyAsDouble(one))) // whatever a report says
              .build());
    }
    all.add(counter.build());
  }

  static Labels labels(ProcessNumbers one) {
    return Labels.of(
        "session",
        one.session(),
        "process",
        one.incarnation(),
        "tgid",
        one.tgid() == null ? "" : one.tgid().toString(),
        "command",
        CommandName.of(one.command()));
  }
}
