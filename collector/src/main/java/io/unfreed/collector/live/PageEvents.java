package io.unfreed.collector.live;

import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.RecordLayout;
import io.unfreed.schemas.wire.EventCodes;
import java.util.HashMap;
import java.util.Map;

/**
 * Page faults and what releases pages again, as allocations and frees of single pages: the kernel
 * side tells of ranges. Used by the polling thread.
 */
final class PageEvents {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_BYTES = 1 << PAGE_SHIFT;

  private final LaneSet lanes;
  private final PageMemory memory;
  private final Map<Integer, Space> processes = new HashMap<>();
  private long derived;
  private long withoutRoom;
  private long told;

  /** The pages of a process, and the faults that found no room since this was last told. */
  private static final class Space {
    final ResidentPages pages;
    long untold;
    long fromNanos;
    long toNanos;

    Space(PageMemory memory) {
      pages = new ResidentPages(memory);
    }
  }

  PageEvents(LaneSet lanes, PageMemory memory) {
    this.lanes = lanes;
    this.memory = memory;
  }

  /** How many events more reached batches than the kernel side told. */
  long derived() {
    return derived;
  }

  /**
   * Faults that are not recorded, because their pages found no room: of a page that is not known
   * nobody could say when it is gone.
   */
  long withoutRoom() {
    return withoutRoom;
  }

  /** Whether an event is about pages of a process alone. */
  static boolean isOne(EventCursor event) {
    return event.space() == RecordLayout.PAGE && event.tgid() != 0;
  }

  /** A fault, or advice that drops pages. */
  void add(LiveLane lane, EventCursor event, long nanos, int stack) {
    Space space = processes.computeIfAbsent(lane.tgid, tgid -> new Space(memory));
    Writer writer = new Writer(lane, event.tid(), nanos);
    long page = event.address() >>> PAGE_SHIFT;
    if (event.kind() == RecordLayout.ALLOC) {
      if (space.pages.fault(event.tid(), page, stack, writer)) {
        writer.place(page, stack);
      } else {
        lose(space, nanos);
      }
    } else {
      derived--;
      space.pages.drop(page, event.sizeBytes() >>> PAGE_SHIFT, writer);
    }
  }

  /** Behind an event of mappings: what it did to the pages in them. */
  void follow(LiveLane lane, EventCursor event, long nanos) {
    Space space = processes.get(lane.tgid);
    if (space == null) {
      return;
    }
    ResidentPages pages = space.pages;
    int tid = event.tid();
    Writer writer = new Writer(lane, tid, nanos);
    long start = event.address() >>> PAGE_SHIFT;
    long count = event.sizeBytes() >>> PAGE_SHIFT;
    switch (event.kind()) {
      case RecordLayout.RELEASE_INTENT -> pages.begin(tid, start, count, writer);
      case RecordLayout.OUTCOME_OK -> {
        if (start == 0) {
          pages.released(tid, writer);
        } else {
          pages.moved(tid, start, count, writer);
        }
      }
      case RecordLayout.OUTCOME_FAILED -> pages.failed(tid);
      case RecordLayout.MAP -> pages.drop(start, count, writer);
      default -> {
        // nothing that mappings do
      }
    }
  }

  /** Another image, or none: its address space went. */
  void forget(int tgid) {
    Space space = processes.remove(tgid);
    if (space != null) {
      tell(tgid, space);
      space.pages.clear();
    }
  }

  private void lose(Space space, long nanos) {
    if (space.untold == 0) {
      space.fromNanos = nanos;
    }
    space.untold++;
    space.toNanos = Math.max(space.fromNanos, nanos);
    withoutRoom++;
  }

  /** Puts what found no room, and was not told yet, into the lanes it concerns. */
  void tellLosses() {
    if (told < withoutRoom) {
      processes.forEach(this::tell);
    }
  }

  private void tell(int tgid, Space space) {
    long events = space.untold;
    LiveLane lane = lanes.get(tgid);
    told += events;
    space.untold = 0;
    if (events > 0 && lane != null) {
      lanes.lose(lane, events, space.fromNanos, space.toNanos);
    }
  }

  /** Writes the changes of pages into a lane. */
  private final class Writer implements ResidentPages.Changes {
    private final LiveLane lane;
    private final int tid;
    private final long nanos;

    Writer(LiveLane lane, int tid, long nanos) {
      this.lane = lane;
      this.tid = tid;
      this.nanos = nanos;
    }

    @Override
    public void gone(long page) {
      derived++;
      lanes.ready(lane, nanos);
      lane.builder.release(EventCodes.FREE_PAGE, nanos, tid, page);
    }

    @Override
    public void came(long page, int stack) {
      derived++;
      place(page, stack);
    }

    void place(long page, int stack) {
      lanes.ready(lane, nanos);
      lane.builder.allocate(EventCodes.ALLOC_PAGE, nanos, tid, page, PAGE_BYTES, stack);
    }
  }
}
