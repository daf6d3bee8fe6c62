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

  /** Session time of its newest event; never falls. */
  long lastNanos;

  /** Session time of the fork or exec with which it began. */
  long imageNanos;

  /** The first tick boundary that neither an event nor a watermark has passed. */
  long nextBoundaryNanos;

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
    }
  }

  /** Its first moment; what happened before the session began does not count. */
  void beginsAt(long nanos) {
    imageNanos = nanos;
    at(Math.max(0, nanos));
  }

  /** An event's time in this lane, which it moves forward. */
  long at(long nanos) {
    lastNanos = Math.max(lastNanos, nanos);
    return nanos;
  }

  /** By probes: they stay where they are; whether the new image maps what has none, nobody says. */
  void exec(long nanos, String command) {
    exec(nanos, command, isNotSeen() ? process.getRecordedFromNanos() : null);
  }

  /** Another image, and from when its calls are seen, as in {@link RecordedFrom}. */
  void exec(long nanos, String command, Long recordedFromNanos) {
    imageNanos = nanos;
    process =
        Process.newBuilder(process)
            .setCommand(command)
            .setRecordedFromNanos(recordedFromNanos)
            .build();
    builder.process(process);
    builder.labelled(EventCodes.EXEC, at(nanos), NO_THREAD, command);
  }

  void fork(long nanos, String child) {
    builder.labelled(EventCodes.FORK, at(nanos), NO_THREAD, child);
  }

  void mark(long nanos, String label) {
    builder.labelled(EventCodes.MARK, at(nanos), NO_THREAD, label);
  }

  void exit(long nanos) {
    builder.plain(EventCodes.EXIT, at(nanos), NO_THREAD);
  }

  /** Stamped with the lane's own time: a later stamp would move ticks over events still to come. */
  void lost(long events, long fromNanos, long toNanos) {
    builder.lost(lastNanos, events, fromNanos, toNanos);
  }

  /** Its calls are seen since then, if none were before. */
  void seenSince(long nanos) {
    if (isNotSeen()) {
      long from = Math.max(1, nanos - imageNanos);
      process = Process.newBuilder(process).setRecordedFromNanos(from).build();
      builder.process(process);
    }
  }

  private boolean isNotSeen() {
    Long from = process.getRecordedFromNanos();
    return from != null && from == RecordedFrom.NEVER;
  }

  EncodedBatch encode() {
    return builder.encode();
  }

  String command() {
    return process.getCommand();
  }
}
