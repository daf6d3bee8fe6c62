package io.unfreed.benchmarks.fleet;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one fleet cost in one round.
 *
 * @param serviceCpu cores of all instances together
 * @param brokerCpu cores of the embedded broker; 0 for one that was given
 * @param peakMegabytes of the largest instance
 * @param delayP50 milliseconds from the moment of a report until it could be read
 * @param lagRecords largest lag seen
 * @param settled seconds from any moment until every recorder was reported as of it
 * @param recovered the same from the moment at which an instance was killed
 * @param isRight the final reports count what was sent
 */
record Row(
    int recorders,
    double eventsPerSecond,
    double serviceCpu,
    double brokerCpu,
    double peakMegabytes,
    double delayP50,
    double delayP99,
    double delayMax,
    double lagRecords,
    double settled,
    double recovered,
    boolean isRight) {
  static final String HEAD =
      """
      | recorders | events/s | service, cores | service, ms CPU per recorder and s | service, us CPU per event | broker, cores | largest instance, MB | report delay p50 / p99 / max, ms | lag, records | all reported s later | after SIGKILL of one | totals |
      |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\
      """;

  /** Field by field; right when all were. */
  static Row median(List<Row> rows) {
    return new Row(
        rows.getFirst().recorders,
        of(rows, Row::eventsPerSecond),
        of(rows, Row::serviceCpu),
        of(rows, Row::brokerCpu),
        of(rows, Row::peakMegabytes),
        of(rows, Row::delayP50),
        of(rows, Row::delayP99),
        of(rows, Row::delayMax),
        of(rows, Row::lagRecords),
        of(rows, Row::settled),
        of(rows, Row::recovered),
        rows.stream().allMatch(Row::isRight));
  }

  private static double of(List<Row> rows, ToDoubleFunction<Row> field) {
    double[] sorted = rows.stream().mapToDouble(field).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  String text() {
    return "| %d | %.0f | %.2f | %.2f | %.1f | %.2f | %.0f | %.0f / %.0f / %.0f | %.0f | %s | %s | %s |"
        .formatted(
            recorders,
            eventsPerSecond,
            serviceCpu,
            serviceCpu * 1000 / recorders,
            serviceCpu * 1e6 / eventsPerSecond,
            brokerCpu,
            peakMegabytes,
            delayP50,
            delayP99,
            delayMax,
            lagRecords,
            seconds(settled),
            seconds(recovered),
            isRight ? "right" : "**WRONG**");
  }

  private static String seconds(double value) {
    return value < 0 ? "never" : "%.1f".formatted(value);
  }
}
