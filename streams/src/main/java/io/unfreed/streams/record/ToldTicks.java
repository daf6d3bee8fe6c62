package io.unfreed.streams.record;

import io.unfreed.schemas.LeakReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports as they are published, each tick of an incarnation once. A service that takes over from
 * one of an earlier version, which held no ticks back, cannot know which of the last minute's quiet
 * ones that one had told, and tells them again. Not thread-safe.
 */
public final class ToldTicks {
  private final WholeReports whole = new WholeReports();
  private final Map<String, Long> told = new HashMap<>();

  /** Of every incarnation from here on. */
  public ToldTicks() {}

  /**
   * Takes the next report.
   *
   * @param key the record's
   * @param report what the record says
   * @param sameAsTick the tick whose report has the stacks; null when this one has them
   * @param quietSince the first of the ticks that passed as this one did; null when it is alone
   * @return the reports that it tells and that were not told before, oldest first
   */
  public List<LeakReport> next(String key, LeakReport report, Long sameAsTick, Long quietSince) {
    LeakReport last = whole.next(key, report, sameAsTick);
    if (last.getTick() == null) {
      return List.of(last);
    }
    long known = told.getOrDefault(key, 0L);
    told.put(key, Math.max(known, last.getTick()));
    List<LeakReport> ticks = new ArrayList<>(WholeReports.before(last, quietSince));
    ticks.add(last);
    ticks.removeIf(tick -> tick.getTick() <= known);
    return ticks;
  }
}
