package io.unfreed.streams.model;

import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * One event of a lane, as a test writes it down.
 *
 * @param code one of {@link EventCodes}, or {@link #QUIET}
 * @param time session time, nanoseconds
 * @param size bytes; events for a loss
 * @param stack number of the stack, for codes that have one
 * @param from for a loss: the beginning of its window
 * @param to for a loss: the end of its window
 * @param releaser for a release: number of the stack that releases, or {@link EventCursor#NO_STACK}
 */
public record Event(
    int code,
    long time,
    int thread,
    long address,
    long size,
    int stack,
    long from,
    long to,
    int releaser) {
  /** No event: the lane states that time went on. */
  public static final int QUIET = -1;

  static final long PAGE = 4096;
  static final int MAPPING = 1;
  private static final int[] SPACES = {0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4};

  /** An event that is no loss. */
  public static Event of(int code, long time, int thread, long address, long size, int stack) {
    return new Event(code, time, thread, address, size, stack, 0, 0, EventCursor.NO_STACK);
  }

  /** A loss. */
  public static Event lost(long time, long events, long from, long to) {
    return new Event(EventCodes.LOST, time, 0, 0, events, 0, from, to, EventCursor.NO_STACK);
  }

  /** The same by a stack, for releases. */
  public Event by(int stackNumber) {
    return new Event(code, time, thread, address, size, stack, from, to, stackNumber);
  }

  /** Who unmaps what is in the place of a mapping. */
  int placer() {
    return isMapping() ? stack : EventCursor.NO_STACK;
  }

  int space() {
    return code == EventCodes.FREE_AT_THREAD_END ? 0 : SPACES[code];
  }

  boolean isRelease() {
    return switch (code) {
      case EventCodes.FREE_HEAP,
          EventCodes.INTENT_HEAP,
          EventCodes.UNMAP,
          EventCodes.INTENT_MAPPING,
          EventCodes.FREE_SLAB,
          EventCodes.FREE_PAGE,
          EventCodes.FREE_PERCPU,
          EventCodes.FREE_AT_THREAD_END ->
          true;
      default -> false;
    };
  }

  boolean isMapping() {
    return space() == MAPPING;
  }

  /** What the event is about: one address, or pages. */
  List<Tally.Unit> units() {
    if (!isMapping()) {
      return List.of(new Tally.Unit(space(), address));
    }
    long pages = code == EventCodes.INTENT_MAPPING && size == 0 ? 0 : Math.max(1, pages());
    return LongStream.range(address / PAGE, address / PAGE + pages)
        .mapToObj(page -> new Tally.Unit(MAPPING, page))
        .toList();
  }

  private long pages() {
    return (size + PAGE - 1) / PAGE;
  }

  /** Adds it to a batch; stack numbers are those of the batch's dictionary. */
  public void writeTo(EventBatchBuilder batch) {
    switch (code) {
      case QUIET -> batch.watermark(time);
      case EventCodes.ALLOC_HEAP,
          EventCodes.OUTCOME_HEAP,
          EventCodes.MAP,
          EventCodes.OUTCOME_MAPPING,
          EventCodes.ALLOC_SLAB,
          EventCodes.ALLOC_PAGE,
          EventCodes.ALLOC_PERCPU ->
          batch.allocate(code, time, thread, address, size, stack);
      case EventCodes.FREE_HEAP,
          EventCodes.INTENT_HEAP,
          EventCodes.FREE_SLAB,
          EventCodes.FREE_PAGE,
          EventCodes.FREE_PERCPU,
          EventCodes.FREE_AT_THREAD_END ->
          batch.release(code, time, thread, address, releaser);
      case EventCodes.UNMAP, EventCodes.INTENT_MAPPING ->
          batch.releaseRange(code, time, thread, address, size, releaser);
      case EventCodes.OUTCOME_FAILED, EventCodes.EXIT -> batch.plain(code, time, thread);
      case EventCodes.LOST -> batch.lost(time, size, from, to);
      case EventCodes.END -> batch.end(time, size, 0);
      case EventCodes.EXEC, EventCodes.MARK, EventCodes.FORK ->
          batch.labelled(code, time, thread, "label");
      default -> throw new IllegalArgumentException("code " + code);
    }
  }
}
