package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes reports whole again as they are read: while nothing changes in an incarnation, the topology
 * publishes of a tick only that it passed. Not thread-safe.
 */
public final class WholeReports {
  private final Map<String, LeakReport> last;

  /** Of every incarnation, for who reads for a while. */
  public WholeReports() {
    this(Integer.MAX_VALUE);
  }

  /** Of so many incarnations, those heard of last; ticks of others stay without stacks. */
  public WholeReports(int most) {
    last =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, LeakReport> eldest) {
            return size() > most;
          }
        };
  }

  /** Nothing comes behind the final report of an incarnation. */
  public void forget(String key) {
    last.remove(key);
  }

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
