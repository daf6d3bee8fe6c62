package io.unfreed.streams.model;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random events of one lane over few addresses, with calls of several threads in flight at once.
 */
public final class RandomEvents {
  private static final long TICK = 100;

  private final Random random;
  private final boolean kernel;
  private final int threads;
  private final int addresses;
  private final int pages;
  private final int mappingShare;
  private final int backwards;
  private final int leap;
  private final boolean losses;
  private final int unknownReleasers;
  private final int[] inFlight;
  private long time;

  private RandomEvents(Random random, boolean kernel) {
    this.random = random;
    this.kernel = kernel;
    threads = 1 + random.nextInt(4);
    addresses = 2 + random.nextInt(20);
    pages = 2 + random.nextInt(12);
    mappingShare = random.nextInt(3) * 4;
    backwards = random.nextBoolean() ? 0 : 20;
    leap = random.nextBoolean() ? 0 : 400;
    losses = random.nextInt(3) == 0;
    unknownReleasers = random.nextInt(4) * 30;
    inFlight = new int[threads];
  }

  /** One lane of an incarnation. */
  public static RandomLane lane(
      Random random, String session, boolean kernel, int lane, int lanes) {
    RandomEvents events = new RandomEvents(random, kernel);
    long tick = random.nextInt(10) == 0 && lanes == 1 ? 0 : TICK;
    EventBatchBuilder.Lane head =
        new EventBatchBuilder.Lane(
            new LaneKey(session, kernel ? "0" : "7-70", lane),
            lanes,
            tick,
            !kernel && session.hashCode() % 7 == 0,
            session.hashCode() % 3 != 0);
    return RandomLane.of(
        random,
        head,
        events.events(random.nextInt(90), head.freeStacks()),
        1 + random.nextInt(20),
        random.nextInt(3) == 0);
  }

  private List<Event> events(int count, boolean freeStacks) {
    List<Event> events = new ArrayList<>();
    time = random.nextInt(4) * 130L;
    for (int i = 0; i < count; i++) {
      Event next = next();
      boolean known = freeStacks && next.isRelease() && random.nextInt(100) >= unknownReleasers;
      events.add(known ? next.by(stack()) : next);
    }
    switch (random.nextInt(6)) {
      case 0 -> {}
      case 1 -> {
        events.add(Event.of(EventCodes.EXIT, time, 1, 0, 0, 0));
        events.add(next());
        events.add(Event.of(EventCodes.END, time + 3, 0, 0, 9, 0));
      }
      case 2 -> events.add(Event.of(EventCodes.EXIT, time + 7, 1, 0, 0, 0));
      default -> events.add(Event.of(EventCodes.END, time + 150, 0, 0, 9, 0));
    }
    return events;
  }

  private Event next() {
    time += random.nextInt(12);
    if (random.nextInt(40) == 0) {
      time += random.nextInt(leap + 1);
    }
    long stamp = time - (random.nextInt(4) == 0 ? random.nextInt(backwards + 1) : 0);
    int thread = random.nextInt(threads);
    if (random.nextInt(25) == 0) {
      return rare(stamp, thread);
    }
    if (kernel) {
      int space = random.nextInt(3);
      boolean alloc = random.nextInt(100) < 55;
      int code = (alloc ? EventCodes.ALLOC_SLAB : EventCodes.FREE_SLAB) + 2 * space;
      return Event.of(code, stamp, thread, address(), alloc ? size() : 0, stack());
    }
    if (inFlight[thread] != 0 && random.nextInt(8) != 0) {
      return outcome(stamp, thread);
    }
    inFlight[thread] = 0;
    return random.nextInt(10) < mappingShare ? mapping(stamp, thread) : heap(stamp, thread);
  }

  private Event heap(long stamp, int thread) {
    int dice = random.nextInt(10);
    if (dice < 5) {
      return Event.of(EventCodes.ALLOC_HEAP, stamp, thread, address(), size(), stack());
    }
    if (dice < 8) {
      boolean ends = random.nextInt(8) == 0;
      int code = ends ? EventCodes.FREE_AT_THREAD_END : EventCodes.FREE_HEAP;
      return Event.of(code, stamp, thread, address(), 0, 0);
    }
    inFlight[thread] = EventCodes.INTENT_HEAP;
    return Event.of(EventCodes.INTENT_HEAP, stamp, thread, address(), 0, 0);
  }

  private Event mapping(long stamp, int thread) {
    int dice = random.nextInt(10);
    if (dice < 4) {
      return Event.of(EventCodes.MAP, stamp, thread, page(), length(), stack());
    }
    if (dice < 6) {
      return Event.of(EventCodes.UNMAP, stamp, thread, page(), length(), 0);
    }
    inFlight[thread] = EventCodes.INTENT_MAPPING;
    long length = random.nextInt(8) == 0 ? 0 : length();
    return Event.of(EventCodes.INTENT_MAPPING, stamp, thread, page(), length, 0);
  }

  private Event outcome(long stamp, int thread) {
    boolean mapping = inFlight[thread] == EventCodes.INTENT_MAPPING ^ random.nextInt(20) == 0;
    inFlight[thread] = 0;
    int dice = random.nextInt(8);
    if (dice == 0) {
      return Event.of(EventCodes.OUTCOME_FAILED, stamp, thread, 0, 0, 0);
    }
    if (mapping) {
      long address = dice < 4 ? 0 : page();
      return Event.of(EventCodes.OUTCOME_MAPPING, stamp, thread, address, length(), stack());
    }
    return Event.of(
        EventCodes.OUTCOME_HEAP, stamp, thread, dice == 1 ? 0 : address(), size(), stack());
  }

  private Event rare(long stamp, int thread) {
    return switch (random.nextInt(8)) {
      case 0 -> Event.of(EventCodes.MARK, stamp, thread, 0, 0, 0);
      case 1 -> Event.of(EventCodes.FORK, stamp, thread, 0, 0, 0);
      case 2, 3 -> Event.of(Event.QUIET, time, 0, 0, 0, 0);
      case 4 -> kernel ? next() : Event.of(EventCodes.EXEC, stamp, thread, 0, 0, 0);
      case 5 -> Event.of(EventCodes.OUTCOME_FAILED, stamp, thread, 0, 0, 0);
      default -> losses ? loss(stamp) : next();
    };
  }

  private Event loss(long stamp) {
    long from = Math.max(0, stamp - random.nextInt(300));
    return Event.lost(stamp, 1 + random.nextInt(5), from, from + random.nextInt(200));
  }

  private long address() {
    return 0x1000 + 16L * random.nextInt(addresses);
  }

  private long page() {
    return 0x7000_0000L + Event.PAGE * random.nextInt(pages);
  }

  private long length() {
    return Event.PAGE * random.nextInt(4) + 1 + random.nextInt((int) Event.PAGE);
  }

  private long size() {
    return random.nextInt(50) == 0 ? 5L << 30 : random.nextInt(64);
  }

  private int stack() {
    return random.nextInt(RandomLane.STACKS);
  }
}
