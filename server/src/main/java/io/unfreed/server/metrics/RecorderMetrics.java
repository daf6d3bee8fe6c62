package io.unfreed.server.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.unfreed.collector.live.RecorderNumbers;
import io.unfreed.render.CommandName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How a recorder does, in Prometheus' text format; as many series as processes are told apart,
 * which {@link RecorderNumbers} bounds.
 */
public final class RecorderMetrics {
  private static final String PREFIX = "unfreed_recorder_";

  private final Supplier<RecorderNumbers> recording;
  private final LongSupplier spooledBytes;
  private final DoubleSupplier cpuSeconds;

  /**
   * Metrics.
   *
   * @param spooledBytes what the brokers have not taken, on disk
   * @param cpuSeconds what the recorder has used
   */
  public RecorderMetrics(
      Supplier<RecorderNumbers> recording, LongSupplier spooledBytes, DoubleSupplier cpuSeconds) {
    this.recording = recording;
    this.spooledBytes = spooledBytes;
    this.cpuSeconds = cpuSeconds;
  }

  /** Writes all of them. */
  public void write(OutputStream out) throws IOException {
    RecorderNumbers now = recording.get();
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(counter("events", "Events recorded.", (double) now.events()));
    all.add(
        counter(
            "lost_events",
            "Events that were lost before they were recorded.",
            (double) now.lost()));
    all.add(counter("cpu_seconds", "Processor time of the recorder.", cpuSeconds.getAsDouble()));
    all.add(
        gauge("queue_bytes", "What waits in memory to be written.", (double) now.queuedBytes()));
    all.add(
        gauge(
            "spool_bytes",
            "What the brokers have not acknowledged, on disk.",
            (double) spooledBytes.getAsLong()));
    all.add(gauge("processes", "Processes that are recorded.", now.processCount()));
    if (now.bufferUsed() != null) {
      all.add(
          gauge(
              "buffer_used_ratio",
              "Of the memory shared with what is recorded, the part that is not read yet.",
              now.bufferUsed()));
    }
    all.add(processes(now.processes()));
    ExpositionFormats.init().getPrometheusTextFormatWriter().write(out, new MetricSnapshots(all));
  }

  private static MetricSnapshot processes(List<RecorderNumbers.OfProcess> processes) {
    CounterSnapshot.Builder counter =
        CounterSnapshot.builder()
            .name(PREFIX + "process_events")
            .help("Events of the processes that are recorded, of those with most.");
    for (RecorderNumbers.OfProcess process : processes) {
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(
                  Labels.of(
                      "tgid",
                      Integer.toString(process.tgid()),
                      "command",
                      CommandName.of(process.command())))
              .value((double) process.events())
              .build());
    }
    return counter.build();
  }

  private static MetricSnapshot counter(String name, String help, double value) {
    return CounterSnapshot.builder()
        .name(PREFIX + name)
        .help(help)
        .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().value(value).build())
        .build();
  }

  private static MetricSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(PREFIX + name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }
}
