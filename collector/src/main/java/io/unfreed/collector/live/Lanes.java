package io.unfreed.collector.live;

import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import io.unfreed.bpf.ring.RecordHandler;
import io.unfreed.bpf.ring.RecordLayout;
import io.unfreed.bpf.ring.StackCursor;
import io.unfreed.bpf.session.CaptureCounters;
import io.unfreed.bpf.session.Coverage;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.RecordedFrom;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Ring-buffer records as events of lanes: one lane per process incarnation, from its start (or that
 * of the recording) to its exit. Allocates nothing per event. Used by the polling thread.
 *
 * <p>Scenario of a loss before a tick, pinned by a test: an event is lost at 4.9 s, the next
 * arrives at 5.1 s, the tick is at 5 s. The counters are read before the later event is added, so
 * the loss stands before it in the lane, and the report of the tick knows that its blocks are not
 * certain.
 */
final class Lanes implements RecordHandler, LaneSet.Watch {
  /** Events of a CPU may come this much later than the time they carry. */
  private static final long LATENESS_NANOS = 5_000_000L;

  private static final int PAGE_SHIFT = 12;

  /** The end of a command line that did not fit into its record. */
  private static final String CUT = "...";

  private final LaneSet lanes;
  private final SessionClock clock;
  private final LiveStacks stacks;
  private final LossWatch losses;
  private final PageEvents pages;
  private final IntFunction<Optional<Coverage>> coverage;
  private final boolean followChildren;
  private final Map<Integer, String> awaited = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private LiveLane lastLane;
  private long received;
  private long afterExit;

  /**
   * No lane yet.
   *
   * @param counters of the kernel side
   * @param coverage how much of a process is seen
   */
  Lanes(
      LaneSet.Shared shared,
      LiveStacks stacks,
      Supplier<CaptureCounters> counters,
      IntFunction<Optional<Coverage>> coverage,
      boolean followChildren) {
    this.lanes = new LaneSet(shared, this);
    this.clock = shared.clock();
    this.stacks = stacks;
    this.losses = new LossWatch(counters);
    this.pages = new PageEvents(lanes, PageMemory.ofHeap());
    this.coverage = coverage;
    this.followChildren = followChildren;
  }

  /** Events that reached a batch. */
  long received() {
    return received + pages.derived() - pages.withoutRoom();
  }

  /** Of those, events made of others here; below 0 when fewer were made. */
  long derived() {
    return pages.derived();
  }

  /** Page faults that found no room here: lost, though the kernel side told them. */
  long withoutRoom() {
    return pages.withoutRoom();
  }

  /** Of those received, events that came after their process's exit, and so concern nothing. */
  long afterExit() {
    return afterExit;
  }

  /** Incarnations that are recorded now. */
  Collection<LiveLane> alive() {
    return lanes.alive();
  }

  /** Whether nothing is left to record. */
  boolean isOver() {
    return lanes.alive().isEmpty() && awaited.isEmpty();
  }

  /** A lane for a process that runs, and that is recorded from this moment on. */
  void attached(int tgid, long startNanos, String command, long monotonicNanos) {
    long startEpochNanos = clock.epochNanosOfStart(ProcessFacts.asProcTells(startNanos));
    long nowEpochNanos = clock.startEpochNanos() + clock.sessionNanos(monotonicNanos);
    open(tgid, startNanos, command, Math.max(1, nowEpochNanos - startEpochNanos));
  }

  /** A lane for a process that runs; how much of it is seen is as in {@link RecordedFrom}. */
  void open(int tgid, long startNanos, String command, Long recordedFromNanos) {
    ended.remove(tgid);
    pages.forget(tgid);
    lanes.open(tgid, ProcessFacts.asProcTells(startNanos), command, recordedFromNanos);
    lastLane = null;
  }

  /** A command whose lane begins at its exec. */
  void await(int tgid, String command) {
    awaited.put(tgid, command);
  }

  /** A process that is gone though no record said so. */
  void gone(int tgid) {
    awaited.remove(tgid);
    LiveLane lane = lanes.get(tgid);
    if (lane != null) {
      exit(lane, lane.lastNanos);
    }
  }

  @Override
  public void onEvent(EventCursor event) {
    received++;
    LiveLane lane = lastLane;
    if (lane == null || lane.tgid != event.tgid()) {
      lane = lane(event.tgid());
      if (lane == null) {
        afterExit++;
        return;
      }
      lastLane = lane;
    }
    long nanos = clock.sessionNanos(event.timeNanos());
    lanes.ready(lane, nanos);
    add(lane, event, nanos);
  }

  @Override
  public void onStack(StackCursor stack) {
    stacks.add(stack);
  }

  @Override
  public void onProcess(ProcessCursor record) {
    int tgid = record.tgid();
    long nanos = clock.sessionNanos(record.timeNanos());
    switch (record.kind()) {
      case ProcessCursor.FORK -> fork(record, nanos);
      case ProcessCursor.EXEC -> exec(record, nanos);
      case ProcessCursor.EXIT -> {
        awaited.remove(tgid);
        LiveLane lane = lanes.get(tgid);
        if (lane != null) {
          exit(lane, nanos);
        }
      }
      case ProcessCursor.HELD -> {
        // Its new object may be unmapped again before the first stack through it is read.
        if (lanes.get(tgid) != null) {
          stacks.look(tgid);
        }
      }
      default -> {
        // VFORK: the child's events are its parent's. MODULES: the stacks' generation says so.
      }
    }
  }

  private void fork(ProcessCursor record, long nanos) {
    LiveLane parent = lanes.get(record.tgid());
    if (parent == null) {
      return;
    }
    long start = ProcessFacts.asProcTells(record.startNanos());
    lanes.ready(parent, nanos);
    parent.fork(nanos, LiveLane.Identity.incarnation(record.other(), start));
    if (followChildren) {
      open(record.other(), start, parent.command(), RecordedFrom.NEVER);
      lanes.get(record.other()).beginsAt(nanos);
      stacks.look(record.other());
    }
  }

  private void exec(ProcessCursor record, long nanos) {
    int tgid = record.tgid();
    String first = awaited.remove(tgid);
    LiveLane lane = lanes.get(tgid);
    stacks.look(tgid);
    if (lane == null) {
      String command = first != null ? first : command(record);
      open(tgid, record.startNanos(), command, RecordedFrom.NEVER);
      lanes.get(tgid).beginsAt(nanos);
    } else {
      lanes.ready(lane, nanos);
      lanes.giveAhead(lane); // as its first image was seen
      lane.exec(nanos, command(record), RecordedFrom.NEVER);
      pages.forget(tgid);
    }
  }

  /** As the record has it, for the process may be gone or have another by now; /proc has it all. */
  private static String command(ProcessCursor exec) {
    String told = exec.commandLine().orElse(exec.comm());
    String known = told.endsWith(CUT) ? told.substring(0, told.length() - CUT.length()) : told;
    return ProcessFacts.command(exec.tgid()).filter(full -> full.startsWith(known)).orElse(told);
  }

  private void exit(LiveLane lane, long nanos) {
    lanes.exit(lane, nanos);
    ended.add(lane.tgid);
    stacks.forget(lane.tgid);
    pages.forget(lane.tgid);
    lastLane = null;
  }

  /** The lane of an event; null for a process that has ended. */
  private LiveLane lane(int tgid) {
    LiveLane lane = lanes.get(tgid);
    if (lane == null && !ended.contains(tgid)) {
      // The record of its fork or exec was lost.
      String first = awaited.remove(tgid);
      String command = first != null ? first : ProcessFacts.command(tgid).orElse(null);
      open(tgid, ProcessFacts.startNanos(tgid).orElse(0L), command, null);
      stacks.look(tgid);
      lane = lanes.get(tgid);
    }
    return lane;
  }

  private void add(LiveLane lane, EventCursor event, long nanos) {
    int tid = event.tid();
    long at = lane.at(nanos);
    boolean heap = event.space() == RecordLayout.HEAP;
    if (PageEvents.isOne(event)) {
      pages.add(lane, event, at, stacks.number(event.stackReference()));
      return;
    }
    switch (event.kind()) {
      case RecordLayout.ALLOC -> allocate(lane, allocCode(event.space()), event, at);
      case RecordLayout.FREE -> lane.builder.release(freeCode(event), at, tid, address(event));
      case RecordLayout.RELEASE_INTENT -> {
        if (heap) {
          lane.builder.release(EventCodes.INTENT_HEAP, at, tid, event.address());
        } else {
          lane.builder.releaseRange(
              EventCodes.INTENT_MAPPING, at, tid, event.address(), event.sizeBytes());
        }
      }
      case RecordLayout.OUTCOME_OK ->
          allocate(lane, heap ? EventCodes.OUTCOME_HEAP : EventCodes.OUTCOME_MAPPING, event, at);
      case RecordLayout.OUTCOME_FAILED -> lane.builder.plain(EventCodes.OUTCOME_FAILED, at, tid);
      case RecordLayout.MAP -> allocate(lane, EventCodes.MAP, event, at);
      default -> throw new IllegalStateException("event kind " + event.kind());
    }
    if (event.space() == RecordLayout.MAPPING) {
      pages.follow(lane, event, at);
    }
  }

  private void allocate(LiveLane lane, int code, EventCursor event, long nanos) {
    lane.builder.allocate(
        code,
        nanos,
        event.tid(),
        address(event),
        event.sizeBytes(),
        stacks.number(event.stackReference()));
  }

  /** Pages are told by physical address and recorded by frame number. */
  private static long address(EventCursor event) {
    return event.space() == RecordLayout.PAGE ? event.address() >>> PAGE_SHIFT : event.address();
  }

  private static int allocCode(int space) {
    return switch (space) {
      case RecordLayout.HEAP -> EventCodes.ALLOC_HEAP;
      case RecordLayout.SLAB -> EventCodes.ALLOC_SLAB;
      case RecordLayout.PAGE -> EventCodes.ALLOC_PAGE;
      case RecordLayout.PERCPU -> EventCodes.ALLOC_PERCPU;
      default -> throw new IllegalStateException("allocation in space " + space);
    };
  }

  private static int freeCode(EventCursor event) {
    return switch (event.space()) {
      case RecordLayout.HEAP ->
          event.threadEnds() ? EventCodes.FREE_AT_THREAD_END : EventCodes.FREE_HEAP;
      case RecordLayout.SLAB -> EventCodes.FREE_SLAB;
      case RecordLayout.PAGE -> EventCodes.FREE_PAGE;
      case RecordLayout.PERCPU -> EventCodes.FREE_PERCPU;
      default -> throw new IllegalStateException("free in space " + event.space());
    };
  }

  /** The ring buffer was empty after this moment: what is older has arrived. */
  void drained(long monotonicNanos) {
    lanes.passWatermark(clock.sessionNanos(monotonicNanos) - LATENESS_NANOS);
  }

  /** Sends what has been added, as in {@link LaneSet#flush}. */
  void flush(long monotonicNanos) {
    lanes.passWatermark(lanes.newestNanos() - LATENESS_NANOS);
    lanes.flush(monotonicNanos);
  }

  /** The ring buffer will hold nothing more. */
  void takeMarks() {
    lanes.takeMarks();
  }

  /** Puts losses not told yet into every lane that was alive; which it concerns, nobody knows. */
  void checkLosses() {
    losses.check((events, from, to) ->
        lanes.lose(null, events, clock.sessionNanos(from), clock.sessionNanos(to)));
    pages.tellLosses();
  }

  @Override
  public void beforeTick() {
    checkLosses();
  }

  /** With what is known by now of how much of the process is seen. */
  @Override
  public void beforeBatch(LiveLane lane) {
    coverage
        .apply(lane.tgid)
        .ifPresent(seen -> lane.seen(seen.sinceNanos().orElse(RecordedFrom.NEVER)));
  }

  /** Ends what is still alive. */
  void end(long nanos, long produced, long lost) {
    lanes.end(nanos, produced, lost);
  }
}
