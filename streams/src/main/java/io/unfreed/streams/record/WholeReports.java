package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import io.unfreed.streams.lane.QuietTicks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes reports whole again as they are read: while nothing changes in an incarnation, the topology
 * publishes of a tick only that it passed, or of several at once that they did. Not thread-safe.
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
    return at(whole, report.getTick(), report.getAtNanos());
  }

  /**
   * The reports of the ticks before one that passed as it did, oldest first.
   *
   * @param report as {@link #next} returned it
   * @param quietSince the first of those ticks as the record says; null when it does not
   */
  public static List<LeakReport> before(LeakReport report, Long quietSince) {
    Long tick = report.getTick();
    if (quietSince == null || tick == null || report.getAtNanos() == null) {
      return List.of();
    }
    if (quietSince < 1 || quietSince >= tick || tick - quietSince >= QuietTicks.MOST) {
      return List.of();
    }
    long tickNanos = report.getAtNanos() / tick;
    List<LeakReport> ticks = new ArrayList<>();
    for (long passed = quietSince; passed < tick; passed++) {
      ticks.add(at(report, passed, passed * tickNanos));
    }
    return ticks;
  }

  private static LeakReport at(LeakReport report, Long tick, Long atNanos) {
    return LeakReport.newBuilder(report).setTick(tick).setAtNanos(atNanos).build();
  }
}
