package io.unfreed.render;

import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.report.IncarnationReport;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Text reports as they are published. Those of few processes are printed at once. With more, the
 * reports of a tick and of the processes that ended since the tick before wait for one another, and
 * are printed as one moment.
 *
 * <p>Reports of different processes come by different partitions, in any order. A moment is
 * complete when every process that is known has come as far. A process that started meanwhile
 * reports with a later tick only, and a killed service may never report: so it is also printed when
 * nothing has come for a while, and when too many moments wait. A report that comes later still is
 * printed with the next moment.
 */
final class MomentFeed implements ReportFeed {
  private static final long QUIET_NANOS = 2_000_000_000L;
  private static final int MOST_WAITING = 20;

  private final Session session;
  private final TextReports text;
  private final StackBook stacks;
  private final Set<String> known;
  private final LongSupplier nanoClock;
  private final ProcessSummary all = new ProcessSummary();
  private final Map<String, Long> ticksReached = new HashMap<>();
  private final TreeMap<Long, ReportMoment> waiting = new TreeMap<>();
  private long newestTick;
  private long printedTick;
  private long printedMoments;
  private Long newestNanos;
  private long heardNanos;

  MomentFeed(
      Session session, TextReports text, StackBook stacks, Set<String> known, LongSupplier clock) {
    this.session = session;
    this.text = text;
    this.stacks = stacks;
    this.known = known;
    this.nanoClock = clock;
  }

  @Override
  public void take(IncarnationReport report) {
    heardNanos = nanoClock.getAsLong();
    all.add(report);
    if (report.atNanos() != null && (newestNanos == null || report.atNanos() > newestNanos)) {
      newestNanos = report.atNanos();
    }
    String key = LaneKey.incarnationKey(report.session(), report.incarnation());
    ticksReached.put(key, report.tick() == null ? Long.MAX_VALUE : report.tick());
    if (report.tick() != null) {
      newestTick = Math.max(newestTick, report.tick());
    }
    if (waiting.isEmpty() && Math.max(known.size(), all.processes()) <= ReportMoment.FEW) {
      text.print(session, report, stacks);
      printedTick = Math.max(printedTick, report.tick() == null ? 0 : report.tick() - 1);
      printedMoments++;
    } else {
      waiting
          .computeIfAbsent(
              Math.max(tick(report), printedTick + 1), t -> new ReportMoment(text.top()))
          .add(report);
    }
  }

  /** The tick with which a report is printed: of an ended process the first after its end. */
  private long tick(IncarnationReport report) {
    if (report.tick() != null) {
      return report.tick();
    }
    return report.atNanos() == null || session.getTickNanos() <= 0
        ? printedTick + 1
        : Math.ceilDiv(report.atNanos(), session.getTickNanos());
  }

  @Override
  public void settle() {
    if (waiting.isEmpty()) {
      return;
    }
    long reached = known.stream().mapToLong(this::reached).min().orElse(0);
    if (nanoClock.getAsLong() - heardNanos >= QUIET_NANOS) {
      reached = Math.max(reached, newestTick);
    }
    while (!waiting.isEmpty() && (waiting.firstKey() <= reached || waiting.size() > MOST_WAITING)) {
      printFirst();
    }
  }

  private long reached(String incarnation) {
    return ticksReached.getOrDefault(incarnation, 0L);
  }

  private void printFirst() {
    Map.Entry<Long, ReportMoment> first = waiting.pollFirstEntry();
    printedTick = first.getKey();
    printedMoments++;
    first.getValue().print(session, text, stacks);
  }

  @Override
  public void end() {
    while (!waiting.isEmpty()) {
      printFirst();
    }
    if (printedMoments > 1) {
      text.printWhole(session, newestNanos, all);
    }
  }
}
