package io.unfreed.server.answer;

import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.StackKey;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Draws a timeline on to a later moment, of which is known how the session stands, and nothing of
 * the events between. What changed is spread evenly over the slots behind the one in which the
 * timeline ended, so that this one goes on to end with what was known there, and the last one ends
 * with exactly what is known now.
 */
final class TimelineGrowth {
  private final long mostWords;
  private final Timeline from;
  private final Map<String, Timeline.OfProcess> processes;
  private final StackLines stacks;
  private Timeline.Extent extent;

  private TimelineGrowth(Timeline from, long mostWords) {
    this.mostWords = mostWords;
    this.from = from;
    extent = from.extent();
    processes = new LinkedHashMap<>(from.processes());
    stacks = from.stacks().fork();
  }

  /**
   * The timeline as of now; the one before stays as it is.
   *
   * @param before what its end stands for
   * @param now what can have become of that by events
   */
  static Timeline grown(Timeline from, Standing before, Standing now) {
    return grown(from, before, now, Timeline.MOST_WORDS);
  }

  /** The same with so many numbers for the lines of stacks. */
  static Timeline grown(Timeline from, Standing before, Standing now, long mostWords) {
    return new TimelineGrowth(from, mostWords).to(before, now);
  }

  private Timeline to(Standing before, Standing now) {
    long toNanos = Math.max(from.lastNanos(), now.atNanos());
    reach(toNanos, now.drawsAs(before));
    int last = extent.slot(toNanos);
    int first = Math.min(last, extent.slot(from.lastNanos()) + 1);
    now.processes()
        .forEach((key, process) -> {
          Standing.OfProcess known =
              before.processes().getOrDefault(key, Standing.OfProcess.NOTHING);
          if (!processes.containsKey(key) || !process.drawsAs(known)) {
            spread(key, first, last, known, process);
          }
        });
    Set<StackKey> keys = new HashSet<>(now.stacks().keySet());
    keys.addAll(before.stacks().keySet());
    for (StackKey key : keys) {
      Standing.Held known = before.stacks().getOrDefault(key, Standing.Held.NOTHING);
      Standing.Held held = now.stacks().getOrDefault(key, Standing.Held.NOTHING);
      if (!held.equals(known)) {
        long bytes = held.bytes() - known.bytes();
        stacks.change(key, known.count() > 0, first, last, bytes, held.count() - known.count());
      }
    }
    stacks.bound(mostWords, last + 1);
    return new Timeline(extent, processes, stacks);
  }

  /** Slots are as wide as it takes; when nothing happened it is as exact as it was. */
  private void reach(long toNanos, boolean isQuiet) {
    boolean isExact = isQuiet && from.exactNanos() == from.lastNanos();
    extent =
        new Timeline.Extent(extent.widthNanos(), toNanos, isExact ? toNanos : from.exactNanos());
    while (extent.isTooLong()) {
      processes.replaceAll((key, process) -> halved(process));
      stacks.halve();
      extent = new Timeline.Extent(2 * extent.widthNanos(), toNanos, extent.exactNanos());
    }
  }

  private static Timeline.OfProcess halved(Timeline.OfProcess process) {
    Timeline.OfProcess halved = process.copy();
    halved.halve();
    return halved;
  }

  private void spread(
      String key, int first, int last, Standing.OfProcess known, Standing.OfProcess now) {
    Timeline.OfProcess process =
        processes.containsKey(key) ? processes.get(key).copy() : new Timeline.OfProcess();
    processes.put(key, process);
    Counts was = known.counts();
    Counts is = now.counts();
    process.bytes.spread(first, last, is.outstandingBytes() - was.outstandingBytes());
    process.count.spread(first, last, is.outstandingCount() - was.outstandingCount());
    process.allocations.spread(first, last, is.allocations() - was.allocations());
    process.frees.spread(first, last, is.frees() - was.frees());
    process.allocatedBytes.spread(first, last, is.allocatedBytes() - was.allocatedBytes());
    process.lost.spread(first, last, now.lost() - known.lost());
  }
}
