package io.unfreed.streams.model;

import io.unfreed.schemas.wire.EventCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * What of a lane arrived, in order: events, quiet moments, and how many events were lost before.
 * Tells what the model says as of any moment.
 *
 * @param tick the tick, nanoseconds; 0 without time
 * @param lanes lanes of the incarnation
 */
public record Delivered(List<Item> items, long tick, int lanes) {
  /**
   * An event, or a quiet moment, and the events that were lost right before it.
   *
   * @param inPart its batch says that calls of the process are missing
   * @param settles no event follows in its batch
   */
  public record Item(Event event, long lostBefore, boolean inPart, boolean settles) {}

  /** The model after the last event with event time up to a moment. */
  ReferenceModel asOf(long until, LongPredicate counted, RuleTable rules) {
    ReferenceModel model = new ReferenceModel();
    model.counted = counted;
    model.inPart = items.getFirst().inPart();
    long now = 0;
    boolean openGap = false;
    for (Item item : items) {
      Event e = item.event();
      openGap |= item.lostBefore() > 0;
      if (openGap) {
        model.lost(item.lostBefore(), Math.max(now, e.time()));
        openGap = e.code() == Event.QUIET;
      }
      boolean loss = e.code() == EventCodes.LOST && Math.min(e.from(), e.time()) <= until;
      if (loss) {
        model.lost(e.size(), e.to());
      }
      if (e.code() == Event.QUIET && item.settles()) {
        model.inPart = item.inPart();
      }
      now = Math.max(now, e.time());
      if (now > until) {
        break;
      }
      if (e.code() == EventCodes.EXEC || isEnd(e) || item.settles()) {
        model.inPart = item.inPart();
      }
      model.now = now;
      if (e.code() != Event.QUIET) {
        if (rules == null) {
          model.apply(e);
        } else {
          rules.apply(model, e);
        }
      }
      if (model.ended) {
        break;
      }
    }
    return model;
  }

  /** Event time of the last thing that counts. */
  long lastTime(long until) {
    long now = 0;
    for (Item item : items) {
      now = Math.max(now, item.event().time());
      if (now > until) {
        return until;
      }
      if (isEnd(item.event())) {
        break;
      }
    }
    return now;
  }

  /** Whether the lane was ended by that moment. */
  boolean ended(long until) {
    long now = 0;
    for (Item item : items) {
      now = Math.max(now, item.event().time());
      if (now > until) {
        return false;
      }
      if (isEnd(item.event())) {
        return true;
      }
    }
    return false;
  }

  /** The boundaries that are stated: of several between two events only the last. */
  List<Long> ticks(long ticksOf, long until) {
    TreeSet<Long> ticks = new TreeSet<>();
    if (tick == 0) {
      return List.of();
    }
    long before = lanes > 1 ? 0 : Long.MIN_VALUE;
    for (long moment : moments(until)) {
      long boundary = Math.max(0, moment - 1) / ticksOf;
      if (boundary > 0 && boundary * ticksOf >= before && before != Long.MIN_VALUE) {
        ticks.add(boundary);
      }
      before = Math.max(1, Math.max(before, moment));
    }
    return new ArrayList<>(ticks);
  }

  /** Event times, and where the windows of losses begin, up to the moment asked about. */
  private List<Long> moments(long until) {
    List<Long> moments = new ArrayList<>();
    long now = 0;
    for (Item item : items) {
      Event e = item.event();
      if (e.code() == EventCodes.LOST && Math.min(e.from(), e.time()) <= until) {
        moments.add(Math.max(now, Math.min(e.from(), e.time())));
      }
      if (e.code() == Event.QUIET && e.time() <= now) {
        continue;
      }
      now = Math.max(now, e.time());
      moments.add(until == Long.MAX_VALUE ? now : Math.min(now, until + 1));
      if (now > until || isEnd(e)) {
        break;
      }
    }
    return moments;
  }

  private static boolean isEnd(Event e) {
    return e.code() == EventCodes.EXIT || e.code() == EventCodes.END;
  }
}
