package io.unfreed.server.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.unfreed.query.LeakNumbers;
import io.unfreed.query.ProcessNumbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** The fastest leaks, each by the id of its stack, which the commands take. */
final class LeakMetrics {
  /** Of all processes together. */
  private static final int MOST = 1000;

  private record Leak(ProcessNumbers process, LeakNumbers numbers) {
    double rate() {
      return numbers.bytesPerSecond() == null ? 0 : numbers.bytesPerSecond();
    }
  }

  private final List<Leak> leaks;

  LeakMetrics(List<ProcessNumbers> processes) {
    leaks =
        processes.stream()
            .flatMap(process -> process.fastest().stream().map(one -> new Leak(process, one)))
            .sorted(Comparator.comparingDouble(Leak::rate).reversed())
            .limit(MOST)
            .toList();
  }

  List<MetricSnapshot> all() {
    List<MetricSnapshot> all = new ArrayList<>();
    add(all, "bytes", "Bytes that the leak holds.", one -> (double) one.bytes());
    add(all, "blocks", "Blocks that it holds.", one -> (double) one.blocks());
    add(all, "bytes_per_second", "By how much it grows.", LeakNumbers::bytesPerSecond);
    add(all, "confidence", "How sure it is that it is one, up to 1.", LeakNumbers::confidence);
    add(
        all,
        "seconds_to_limit",
        "Until it has taken what memory its process may take, at the soonest.",
        LeakNumbers::secondsToLimit);
    return all;
  }

  private void add(
      List<MetricSnapshot> all, String name, String help, Function<LeakNumbers, Double> number) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name("unfreed_leak_" + name).help(help);
    for (Leak leak : leaks) {
      Double value = number.apply(leak.numbers());
      if (value != null) {
        gauge.dataPoint(
            GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels(leak))
                .value(value)
                .build());
      }
    }
    all.add(gauge.build());
  }

  private static Labels labels(Leak leak) {
    return Metrics.labels(leak.process())
        .add("stack", leak.numbers().stackId())
        .add("space", leak.numbers().space());
  }
}
