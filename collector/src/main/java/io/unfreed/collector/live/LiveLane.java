package io.unfreed.collector.live;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.schemas.wire.StackDictionary;

/** The one lane of a process incarnation: its batches and how far its time has come. */
final class LiveLane {
  private static final int NO_THREAD = 0;

  final int tgid;
  final long startNanos;
  final String incarnation;
  final EventBatchBuilder builder;
  private final long tickNanos;
  private Process process;

  /** Its first moment; 0 where the session found it running. */
  long beganNanos;

  /** Session time of its newest event; never falls. */
  long lastNanos;

  /** The first tick boundary that neither an event nor a watermark has passed. */
  long nextBoundaryNanos;

  /** Its batch has more than blocks that come and go, or its time has passed a tick. */
  boolean isUrgent = true;

  /** When it was flushed last, by the monotonic clock. */
  long flushedNanos;

  /** Events in batches that were given away. */
  long sentEvents;

  /** What makes a lane. */
  record Identity(int tgid, long startNanos, Process process) {
    /** Its name within the session. */
    String incarnation() {
      return tgid == 0 ? "0" : incarnation(tgid, startNanos);
    }

    static String incarnation(int tgid, long startNanos) {
      return tgid + "-" + startNanos;
    }
  }

  /** What all lanes of a session share. */
  record Ticks(long nanos, boolean filtered, boolean freeStacks) {}

  LiveLane(String session, Identity identity, Ticks ticks, StackDictionary stacks) {
    this.tgid = identity.tgid();
    this.startNanos = identity.startNanos();
    this.incarnation = identity.incarnation();
    this.process = identity.process();
    this.tickNanos = ticks.nanos();
    this.nextBoundaryNanos = tickNanos;
    LaneKey key = new LaneKey(session, incarnation, 0);
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(key, 1, tickNanos, ticks.filtered(), ticks.freeStacks()),
            process,
            stacks);
  }

  /** Notes that time has come to a moment. */
  void passTo(long nanos) {
    if (nanos > nextBoundaryNanos) {
      nextBoundaryNanos = ((nanos - 1) / tickNanos + 1) * tickNanos;
      isUrgent = true;
    }
  }

  /** Its first moment; what happened before the session began does not count. */
  void beginsAt(long nanos) {
    beganNanos = Math.max(0, nanos);
    at(beganNanos);
  }

  /** An event's time in this lane, which it moves forward. */
  long at(long nanos) {
    lastNanos = Math.max(lastNanos, nanos);
    return nanos;
  }

  /** Another image, and from when its calls are seen, as in {@link RecordedFrom}. */
  void exec(long nanos, String command, Long recordedFromNanos) {
    process =
        Process.newBuilder(process)
            .setCommand(command)
            .setRecordedFromNanos(recordedFromNanos)
            .build();
    builder.process(process);
    labelled(EventCodes.EXEC, nanos, command);
  }

  void fork(long nanos, String child) {
    labelled(EventCodes.FORK, nanos, child);
  }

  void mark(long nanos, String label) {
    labelled(EventCodes.MARK, nanos, label);
  }

  private void labelled(int code, long nanos, String label) {
    builder.labelled(code, at(nanos), NO_THREAD, label);
    isUrgent = true;
  }

  void exit(long nanos) {
    builder.plain(EventCodes.EXIT, at(nanos), NO_THREAD);
  }

  /** Stamped with the lane's own time: a later stamp would move ticks over events still to come. */
  void lost(long events, long fromNanos, long toNanos) {
    builder.lost(lastNanos, events, fromNanos, toNanos);
    isUrgent = true;
  }

  /** From when its image's calls are seen, as in {@link RecordedFrom}. */
  void seen(long recordedFromNanos) {
    Long before = process.getRecordedFromNanos();
    if (before == null || before != recordedFromNanos) {
      process = Process.newBuilder(process).setRecordedFromNanos(recordedFromNanos).build();
      builder.process(process);
    }
  }

  EncodedBatch encode() {
    return builder.encode();
  }

  String command() {
    return process.getCommand();
  }
}
