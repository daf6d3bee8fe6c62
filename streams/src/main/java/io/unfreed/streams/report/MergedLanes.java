package io.unfreed.streams.report;

import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.verdict.Judge;
import io.unfreed.streams.verdict.Leaks;
import io.unfreed.streams.verdict.Starting;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an incarnation's lanes amount to as of one moment, as a report: totals, stacks in their
 * order, verdicts.
 *
 * @param lanes where each lane stands
 * @param stacks their stacks, added up
 */
record MergedLanes(LaneProgress[] lanes, Map<StackKey, MergedStack> stacks) {
  private static final double SECOND = 1e9;

  /** The report of a tick without its stacks. */
  IncarnationReport bare(TotalsNumbers totals, Long atNanos, long tick) {
    return report(
        totals,
        atNanos,
        tick,
        false,
        Selected.all(totals, totals.distinctStacks()),
        List.of(),
        List.of());
  }

  /** The whole report; the tick is null for an answer and for the end. */
  IncarnationReport report(TotalsNumbers totals, Long atNanos, Long tick, boolean isFinal) {
    List<StackNumbers> outstanding = new ArrayList<>();
    List<StackNumbers> temporary = new ArrayList<>();
    for (MergedStack stack : stacks.values()) {
      StackNumbers sum = stack.sum();
      if (sum != null && sum.outstandingCount() > 0) {
        outstanding.add(sum);
      } else if (sum != null && IncarnationReport.temporaryOf(sum) > 0) {
        temporary.add(sum.withoutAccumulation());
      }
    }
    Judge.Case asked = caseOf(totals, judgedAt(atNanos, tick), outstanding.size());
    outstanding.replaceAll(sum -> judged(sum, asked));
    Starting starting = starting(outstanding, asked);
    outstanding.replaceAll(
        sum -> sum.withVerdict(starting.seen(sum.verdict(), sum.accumulation())));
    outstanding.sort(IncarnationReport.ORDER);
    temporary.sort(IncarnationReport.BY_TEMPORARY);
    return report(totals, atNanos, tick, isFinal, Selected.of(outstanding), outstanding, temporary);
  }

  private IncarnationReport report(
      TotalsNumbers totals,
      Long atNanos,
      Long tick,
      boolean isFinal,
      Selected selected,
      List<StackNumbers> outstanding,
      List<StackNumbers> temporary) {
    LaneStatement known = newest();
    return new IncarnationReport(
        known.key().session(),
        known.key().incarnation(),
        known.lane().process(),
        atNanos,
        tick,
        isFinal,
        known.lane().kernel() || totals.spacesOverlap(),
        totals,
        selected,
        outstanding,
        temporary);
  }

  /**
   * A tick is judged as of two ticks behind the last birth or free of the process at the latest, so
   * that the verdicts of a process in which nothing happens stay as they are and need not be told.
   */
  private Long judgedAt(Long atNanos, Long tick) {
    if (tick == null || atNanos == null) {
      return atNanos;
    }
    long latest = 0;
    for (MergedStack stack : stacks.values()) {
      StackNumbers sum = stack.sum();
      if (sum != null && sum.accumulation() != null) {
        latest = Math.max(latest, sum.accumulation().quietFrom());
      }
    }
    return Math.min(atNanos, latest);
  }

  /** Without times, the bytes allocated so far are the clock. */
  static Judge.Case caseOf(TotalsNumbers totals, Long atNanos, int stacks) {
    return atNanos == null
        ? new Judge.Case(totals.allocatedBytes(), totals.doubtfulUntil(), stacks, 0)
        : new Judge.Case(atNanos, totals.doubtfulUntil(), stacks, SECOND);
  }

  /** What a first version's lane stated is not judged: it had accumulated nothing. */
  static StackNumbers judged(StackNumbers sum, Judge.Case asked) {
    if (sum.accumulation() == null || asked == null) {
      return sum.withoutAccumulation();
    }
    Verdict verdict = Judge.judge(sum.accumulation(), sum.released(), asked);
    return sum.withVerdict(
        verdict, Leaks.isSuspect(verdict) ? sum.accumulation().survivorsAt(asked.moment()) : null);
  }

  /** What may be part of a leak still tells who stayed. */
  static Starting starting(List<StackNumbers> judged, Judge.Case asked) {
    return Starting.of(judged.stream().map(StackNumbers::accumulation).toList(), asked);
  }

  /** Null when no lane has stated any. */
  TotalsNumbers totals() {
    Map<Integer, TotalsNumbers> byLane = new LinkedHashMap<>();
    for (int i = 0; i < lanes.length; i++) {
      if (lanes[i].last() != null && lanes[i].last().totals() != null) {
        byLane.put(i, lanes[i].last().totals());
      }
    }
    if (byLane.size() == 1 && lanes.length == 1) {
      return byLane.get(0);
    }
    return byLane.isEmpty() ? null : TotalsNumbers.sum(byLane.values(), distinct());
  }

  /** Totals are never filtered, so stacks of which nothing is selected count too. */
  private int distinct() {
    int distinct = 0;
    for (MergedStack stack : stacks.values()) {
      distinct += stack.isHeld() ? 1 : 0;
    }
    return distinct;
  }

  /** The last statement of the first lane that has one. */
  private LaneStatement newest() {
    for (LaneProgress lane : lanes) {
      if (lane.last() != null) {
        return lane.last();
      }
    }
    throw new IllegalStateException("a report without a statement");
  }

  /** The moment of the lane that came furthest; null without time. */
  Long latest() {
    Long latest = null;
    for (LaneProgress lane : lanes) {
      Long at = lane.last() == null ? null : lane.last().atNanos();
      latest = latest == null || (at != null && at > latest) ? at : latest;
    }
    return latest;
  }
}
