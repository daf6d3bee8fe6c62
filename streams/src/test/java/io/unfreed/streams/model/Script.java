package io.unfreed.streams.model;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.query.LedgerRun;
import java.util.ArrayList;
import java.util.List;

/**
 * One lane written down event by event, for small tests. Times are nanoseconds; the tick is 100.
 */
public final class Script {
  /** A mapping's address in tests. */
  public static final long BASE = 0x7000_0000L;

  private final EventBatchBuilder builder;
  private final List<byte[]> batches = new ArrayList<>();
  private boolean hasOpenBatch;

  /** The only lane of a process. */
  public Script() {
    this(0, 1);
  }

  /** One of several lanes. */
  public Script(int lane, int lanes) {
    this(lane, lanes, false);
  }

  /** One of several lanes, with the stacks of releases or without. */
  public Script(int lane, int lanes, boolean freeStacks) {
    this(new LaneKey("session", "7-70", lane), lanes, freeStacks);
  }

  /** The only lane of another process. */
  public static Script of(String incarnation) {
    return new Script(new LaneKey("session", incarnation, 0), 1, false);
  }

  private Script(LaneKey key, int lanes, boolean freeStacks) {
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(key, lanes, 100, false, freeStacks),
            new Process(7, 70L, "command", null),
            RandomLane.dictionary());
  }

  /** What the batches from now on say of the process's recording. */
  public Script recordedFrom(Long nanos) {
    builder.process(new Process(7, 70L, "command", nanos));
    return this;
  }

  public Script alloc(long time, int thread, long address, long size) {
    return add(Event.of(EventCodes.ALLOC_HEAP, time, thread, address, size, 0));
  }

  public Script free(long time, int thread, long address) {
    return add(Event.of(EventCodes.FREE_HEAP, time, thread, address, 0, 0));
  }

  /** A free by a stack. */
  public Script freeBy(int stack, long time, int thread, long address) {
    return add(Event.of(EventCodes.FREE_HEAP, time, thread, address, 0, 0).by(stack));
  }

  public Script reallocBegins(long time, int thread, long address) {
    return add(Event.of(EventCodes.INTENT_HEAP, time, thread, address, 0, 0));
  }

  /** A realloc's success; its stack is number 1. */
  public Script reallocGives(long time, int thread, long address, long size) {
    return add(Event.of(EventCodes.OUTCOME_HEAP, time, thread, address, size, 1));
  }

  public Script fails(long time, int thread) {
    return add(Event.of(EventCodes.OUTCOME_FAILED, time, thread, 0, 0, 0));
  }

  /** Pages are counted from {@link #BASE}. */
  public Script map(long time, int thread, int page, int pages) {
    return add(Event.of(EventCodes.MAP, time, thread, at(page), pages * Event.PAGE, 2));
  }

  public Script unmap(long time, int thread, int page, int pages) {
    return add(Event.of(EventCodes.UNMAP, time, thread, at(page), pages * Event.PAGE, 0));
  }

  public Script unmapBegins(long time, int thread, int page, int pages) {
    return add(Event.of(EventCodes.INTENT_MAPPING, time, thread, at(page), pages * Event.PAGE, 0));
  }

  public Script unmapSucceeds(long time, int thread) {
    return add(Event.of(EventCodes.OUTCOME_MAPPING, time, thread, 0, 0, 0));
  }

  public Script remapGives(long time, int thread, int page, int pages) {
    return add(Event.of(EventCodes.OUTCOME_MAPPING, time, thread, at(page), pages * Event.PAGE, 3));
  }

  public Script lost(long time, long events, long from, long to) {
    return add(Event.lost(time, events, from, to));
  }

  /** An event without an address: mark, fork, exec, exit, end. */
  public Script plain(int code, long time, int thread) {
    return add(Event.of(code, time, thread, 0, 0, 0));
  }

  /** Any event. */
  public Script add(Event event) {
    event.writeTo(builder);
    hasOpenBatch = true;
    return this;
  }

  /** Ends the batch. */
  public Script batch() {
    batches.add(builder.encode().body());
    hasOpenBatch = false;
    return this;
  }

  /** Ends the batch, which says that nothing more comes up to a time. */
  public Script watermark(long time) {
    builder.watermark(time);
    return batch();
  }

  /** Ends the batch, which then never arrives. */
  public Script dropped() {
    builder.encode();
    hasOpenBatch = false;
    return this;
  }

  /** The batches so far. */
  public List<byte[]> batches() {
    if (hasOpenBatch) {
      batch();
    }
    return batches;
  }

  /** What the lane states, the last statement being as of its end. */
  public List<LaneStatement> statements(LaneOptions options) {
    List<LaneStatement> statements = new ArrayList<>();
    LaneState state = new LaneState(options, statements::add);
    feed(batches(), state);
    if (!state.ended()) {
      state.stateAt(state.stopped() ? options.untilNanos() : state.eventNanos());
    }
    return statements;
  }

  /** The statement as of the end. */
  public LaneStatement last() {
    return statements(LaneOptions.WHOLE).getLast();
  }

  /** Totals as of the end. */
  public TotalsNumbers totals() {
    return last().totals();
  }

  /** Feeds batches to a lane. */
  public static void feed(List<byte[]> batches, LaneState state) {
    batches.forEach(body -> state.accept(cursor(body)));
  }

  /** Feeds batches to a query. */
  public static LedgerRun feed(List<byte[]> batches, LedgerRun run) {
    batches.forEach(body -> run.batch(cursor(body)));
    return run;
  }

  /** A cursor before the first event of a batch. */
  public static EventCursor cursor(byte[] body) {
    try {
      EventCursor cursor = new EventCursor();
      cursor.reset(body, 0, body.length);
      return cursor;
    } catch (MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }

  private static long at(int page) {
    return BASE + page * Event.PAGE;
  }
}
