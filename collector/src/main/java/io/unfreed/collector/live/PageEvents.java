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
  private final Map<Integer, ResidentPages> processes = new HashMap<>();
  private long derived;

  PageEvents(LaneSet lanes) {
    this.lanes = lanes;
  }

  /** How many events more reached batches than the kernel side told. */
  long derived() {
    return derived;
  }

  /** Whether an event is about pages of a process alone. */
  static boolean isOne(EventCursor event) {
    return event.space() == RecordLayout.PAGE && event.tgid() != 0;
  }

  /** A fault, or advice that drops pages. */
  void add(LiveLane lane, EventCursor event, long nanos, int stack) {
    ResidentPages pages = processes.computeIfAbsent(lane.tgid, tgid -> new ResidentPages());
    Writer writer = new Writer(lane, event.tid(), nanos);
    long page = event.address() >>> PAGE_SHIFT;
    if (event.kind() == RecordLayout.ALLOC) {
      pages.fault(event.tid(), page, stack, writer);
      writer.place(page, stack);
    } else {
      derived--;
      pages.drop(page, event.sizeBytes() >>> PAGE_SHIFT, writer);
    }
  }

  /** Behind an event of mappings: what it did to the pages in them. */
  void follow(LiveLane lane, EventCursor event, long nanos) {
    ResidentPages pages = processes.get(lane.tgid);
    if (pages == null) {
      return;
    }
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
    processes.remove(tgid);
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
