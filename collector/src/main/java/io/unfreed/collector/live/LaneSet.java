package io.unfreed.collector.live;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The lanes of a session: one per process incarnation, and what all of them need: ticks, losses,
 * marks, their end. Used by the recording's thread.
 */
final class LaneSet {
  /** Fewer events wait for more, as a batch costs its readers as much as hundreds of them. */
  private static final int FEW = 100;

  /** So long at most. */
  private static final long PATIENCE_NANOS = 1_000_000_000L;

  /** What the lanes of a session have in common. */
  record Shared(
      String session,
      SessionClock clock,
      long tickNanos,
      boolean filtered,
      boolean freeStacks,
      StackDictionary dictionary,
      Outbox outbox,
      Marks marks) {}

  /** What a way of seeing calls has to say at certain moments. */
  interface Watch {
    /** A lane is about to pass a tick: losses before it are to stand before it. */
    default void beforeTick() {}

    /** A batch is about to be sent: facts about its process are to be those of now. */
    default void beforeBatch(LiveLane lane) {}
  }

  private final Shared shared;
  private final Watch watch;
  private final Map<Integer, LiveLane> lanes = new HashMap<>();

  /** Gets the marks of before it, when no process was recorded yet. */
  private LiveLane first;

  private long newestNanos;
  private long watermarkNanos;
  private long lost;

  LaneSet(Shared shared, Watch watch) {
    this.shared = shared;
    this.watch = watch;
  }

  /** Incarnations that are recorded now. */
  Collection<LiveLane> alive() {
    return lanes.values();
  }

  /** The lane of a process; null when it has none. */
  LiveLane get(int tgid) {
    return lanes.get(tgid);
  }

  /** Events that never reached a batch. */
  long lost() {
    return lost;
  }

  /**
   * A lane for a process.
   *
   * @param startNanos since boot, as /proc tells it
   * @param recordedFromNanos as in {@link io.unfreed.schemas.wire.RecordedFrom}
   */
  LiveLane open(int tgid, long startNanos, String command, Long recordedFromNanos) {
    long startEpochNanos = shared.clock.epochNanosOfStart(startNanos);
    Process process = new Process(tgid, startEpochNanos, command, recordedFromNanos);
    LiveLane lane =
        new LiveLane(
            shared.session,
            new LiveLane.Identity(tgid, startNanos, process),
            new LiveLane.Ticks(shared.tickNanos, shared.filtered, shared.freeStacks),
            shared.dictionary);
    lanes.put(tgid, lane);
    first = first == null ? lane : first;
    return lane;
  }

  /** Before an event is added: its tick is known, and there is room. */
  void ready(LiveLane lane, long nanos) {
    if (nanos > newestNanos) {
      newestNanos = nanos;
    }
    boolean passesTick = nanos > lane.nextBoundaryNanos;
    if (passesTick) {
      watch.beforeTick();
      lane.passTo(nanos);
    }
    if (lane.builder.isFull()) {
      give(lane);
      lane.isUrgent = passesTick;
    }
  }

  /** Sends what a lane has, ahead of what changes the facts about its process. */
  void giveAhead(LiveLane lane) {
    if (lane.builder.eventCount() > 0) {
      send(lane);
    }
  }

  /**
   * A process has made another. Of what it did before, some may still have to be added: its time
   * comes no further than what has been, or it would be all of that's time.
   */
  void forked(LiveLane parent, long nanos, String child) {
    long at = Math.max(0, Math.min(nanos, Math.max(parent.lastNanos, watermarkNanos)));
    ready(parent, at);
    parent.fork(at, child);
  }

  /**
   * The process has exited. Marks may still wait for what others did before them, so it gets its
   * own now: nobody will look for it when they are taken.
   */
  void exit(LiveLane lane, long nanos) {
    shared.marks.tell(
        shared.clock.monotonicNanos(nanos),
        (label, at) -> mark(lane, label, shared.clock.sessionNanos(at)));
    watch.beforeTick();
    ready(lane, nanos);
    lane.exit(nanos);
    lane.builder.watermark(lane.lastNanos);
    give(lane);
    lanes.remove(lane.tgid, lane);
  }

  /** The newest time of an event of any lane. */
  long newestNanos() {
    return newestNanos;
  }

  /** Everything up to this moment has been added, and marks up to it are. */
  void passWatermark(long nanos) {
    watermarkNanos = Math.max(watermarkNanos, nanos);
    takeMarks(shared.clock.monotonicNanos(watermarkNanos));
  }

  /**
   * Sends what has been added, or keeps the {@link #FEW} that came soon after a batch, unless a
   * tick passed or more than blocks came and went; a quiet lane sends an empty batch when a tick
   * has passed.
   *
   * @param monotonicNanos of now
   */
  void flush(long monotonicNanos) {
    for (LiveLane lane : lanes.values()) {
      if (watermarkNanos > lane.nextBoundaryNanos) {
        watch.beforeTick();
        lane.passTo(watermarkNanos);
      } else if (lane.builder.eventCount() == 0) {
        continue;
      }
      watch.beforeBatch(lane); // also of what is kept: its process may have another image soon
      boolean isTime = monotonicNanos - lane.flushedNanos >= PATIENCE_NANOS;
      if (lane.isUrgent || isTime || lane.builder.eventCount() >= FEW) {
        lane.builder.watermark(watermarkNanos);
        lane.flushedNanos = monotonicNanos;
        send(lane);
      }
    }
  }

  /** Nothing will be added any more that was before a mark. */
  void takeMarks() {
    takeMarks(Long.MAX_VALUE);
  }

  private void takeMarks(long untilMonotonicNanos) {
    if (first == null) {
      return;
    }
    shared.marks.take(
        untilMonotonicNanos,
        (label, at) -> {
          for (LiveLane lane : lanes.values()) {
            mark(lane, label, shared.clock.sessionNanos(at));
          }
        });
  }

  /** Names a moment in a lane that lived then, or is the first. */
  private void mark(LiveLane lane, String label, long nanos) {
    if (nanos >= lane.beganNanos || lane == first) {
      long at = Math.max(nanos, lane.beganNanos);
      ready(lane, at);
      lane.mark(at, label);
    }
  }

  /** Events of one lane, or of nobody knows which, are missing. */
  void lose(LiveLane only, long events, long fromNanos, long toNanos) {
    lost += events;
    for (LiveLane lane : only == null ? List.copyOf(lanes.values()) : List.of(only)) {
      if (lane.builder.isFull()) {
        give(lane);
      }
      lane.lost(events, Math.max(0, fromNanos), Math.max(0, toNanos));
    }
  }

  /** Ends what is still alive. */
  void end(long nanos, long produced, long lostInAll) {
    for (LiveLane lane : new ArrayList<>(lanes.values())) {
      long at = Math.max(nanos, lane.lastNanos);
      ready(lane, at);
      lane.builder.end(at, produced, lostInAll);
      lane.builder.watermark(at);
      give(lane);
    }
    lanes.clear();
  }

  private void give(LiveLane lane) {
    watch.beforeBatch(lane);
    send(lane);
  }

  private void send(LiveLane lane) {
    EncodedBatch batch = lane.encode();
    lane.sentEvents += batch.eventCount();
    lane.isUrgent = false;
    shared.outbox.give(sink -> sink.batch(batch), batch.body().length);
  }
}
