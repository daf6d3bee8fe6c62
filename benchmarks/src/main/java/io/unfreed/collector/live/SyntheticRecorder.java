package io.unfreed.collector.live;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A recorder whose events are made up: one process, blocks in a window of addresses that are
 * allocated and freed in turn, and every thousandth event a block that stays. Lanes, outbox, sink
 * and their pace are those of a live recording. Used by one thread.
 */
public final class SyntheticRecorder implements AutoCloseable {
  private static final long FLUSH_NANOS = 150_000_000L;
  private static final long LATENESS_NANOS = 5_000_000L;
  private static final int STACKS = 20;
  private static final int LEAK_EVERY = 1000;
  private static final int WINDOW = 4096;
  private static final long LEAKS = 1L << 40;

  private final String session;
  private final RecordingSink sink;
  private final Outbox outbox;
  private final LaneSet lanes;
  private final LiveLane lane;
  private final SessionClock clock = SessionClock.now();
  private final long tickNanos;
  private final double eventsPerNano;
  private final boolean[] held = new boolean[WINDOW];
  private long events;
  private long nextFlush;

  /**
   * Begins a session.
   *
   * @param sink closed with the recorder
   * @param tgid of the process
   */
  public SyntheticRecorder(
      String session, RecordingSink sink, int tgid, long tickNanos, double eventsPerSecond)
      throws IOException {
    this.session = session;
    this.sink = sink;
    this.tickNanos = tickNanos;
    this.eventsPerNano = eventsPerSecond / 1e9;
    outbox = new Outbox(sink, 0);
    StackDictionary dictionary = new StackDictionary();
    Session facts = facts(null);
    outbox.give(to -> to.session(facts), 0);
    for (int number = 0; number < STACKS; number++) {
      CallStack stack = stack(dictionary, number);
      outbox.give(to -> to.stack(stack), 0);
    }
    lanes =
        new LaneSet(
            new LaneSet.Shared(
                session, clock, tickNanos, false, false, dictionary, outbox, new Marks()),
            new LaneSet.Watch() {});
    // A process that starts with its session: so its reports tell when that was.
    long startNanos = clock.startEpochNanos() - clock.bootEpochNanos();
    lane = lanes.open(tgid, startNanos, "synthetic", RecordedFrom.BEGINNING);
    lane.beginsAt(0);
    nextFlush = System.nanoTime() + FLUSH_NANOS;
  }

  /** Adds the events that are due, and sends what a live recording would send. */
  public void turn() throws IOException {
    long now = System.nanoTime();
    long due = 1 + (long) (clock.sessionNanos(now) * eventsPerNano);
    while (events < due) {
      add((long) (events / eventsPerNano));
    }
    if (now >= nextFlush) {
      lanes.passWatermark(clock.sessionNanos(now) - LATENESS_NANOS);
      lanes.flush(now);
      nextFlush = now + FLUSH_NANOS;
    }
    if (outbox.failure() != null) {
      throw new IOException(session + ": " + outbox.failure().getMessage(), outbox.failure());
    }
  }

  /** Events so far. */
  public long events() {
    return events;
  }

  /** Ends the session: everything has been given to the broker when this returns. */
  @Override
  public void close() throws IOException {
    long end = clock.sessionNanos(System.nanoTime());
    lanes.end(end, events, 0);
    Session facts = facts(new SessionEnd(end, events, events, 0L, Map.of()));
    outbox.give(to -> to.session(facts), 0);
    outbox.closeOrThrow();
    sink.flush();
    sink.close();
  }

  private void add(long nanos) {
    int slot = (int) (events % WINDOW);
    int thread = 1 + slot % 3;
    long address = 0x1000 + 64L * slot;
    lanes.ready(lane, nanos);
    lane.at(nanos);
    if (events % LEAK_EVERY == LEAK_EVERY - 1) {
      lane.builder.allocate(EventCodes.ALLOC_HEAP, nanos, thread, LEAKS + 64 * events, 48, 0);
    } else if (held[slot]) {
      lane.builder.release(EventCodes.FREE_HEAP, nanos, thread, address);
      held[slot] = false;
    } else {
      lane.builder.allocate(
          EventCodes.ALLOC_HEAP, nanos, thread, address, 16 + slot % 500, slot % STACKS);
      held[slot] = true;
    }
    events++;
  }

  private Session facts(SessionEnd end) {
    return Session.newBuilder()
        .setSessionId(session)
        .setSource(Source.OTHER)
        .setCommand("synthetic")
        .setStartedEpochNanos(clock.startEpochNanos())
        .setTickNanos(tickNanos)
        .setEnd(end)
        .build();
  }

  private static CallStack stack(StackDictionary dictionary, int number) {
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/synthetic", number)));
    dictionary.number(id);
    Frame frame = Frame.newBuilder().setModule("/bin/synthetic").setAddress((long) number).build();
    return new CallStack(id.toHash(), Quality.ADDRESSES, List.of(frame));
  }
}
