package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes reports whole again as they are read: while nothing changes in an incarnation, the topology
 * publishes of a tick only that it passed. Not thread-safe.
 */
public final class WholeReports {
  private final Map<String, LeakReport> last = new HashMap<>();

  /**
   * Takes the next report of a tick.
   *
   * @param key the record's
   * @param report what the record says
   * @param sameAsTick the tick whose report has the stacks; null when this one has them
   * @return the report with its stacks; as it is if the one that has them was not read
   */
  public LeakReport next(String key, LeakReport report, Long sameAsTick) {
    if (sameAsTick == null) {
      last.put(key, report);
      return report;
    }
    LeakReport whole = last.get(key);
    if (whole == null || !sameAsTick.equals(whole.getTick())) {
      return report;
    }
    return LeakReport.newBuilder(whole)
        .setTick(report.getTick())
        .setAtNanos(report.getAtNanos())
        .build();
  }
}
