package io.unfreed.collector.live;

import io.unfreed.bpf.BpfException;
import io.unfreed.bpf.session.AttachReport;
import io.unfreed.bpf.session.CaptureCounters;
import io.unfreed.bpf.session.LaunchedCommand;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.bpf.session.NoSuchProcessException;
import io.unfreed.bpf.symbols.KernelSymbols;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * One live recording: open, {@link #start}, {@link #run} on one thread until it is over, {@link
 * #close}. {@link #stop} and {@link #mark} may be called by any thread.
 */
public final class LiveRecording implements Recorder {
  private static final int POLL_LIMIT = 4096;

  /** Between polls: the default buffer holds what comes in thirty of these at the highest rate. */
  private static final long LONGEST_PARK_NANOS = 10_000_000L;

  private static final long SHORTEST_PARK_NANOS = 200_000L;
  private static final long PARK_NANOS_PER_MEGABYTE = 625_000L;

  private static final long FLUSH_NANOS = 150_000_000L;
  private static final long LOOK_NANOS = 500_000_000L;

  private final LivePlan plan;
  private final LiveSession live;
  private final SessionFacts facts;
  private final Marks marks = new Marks();
  private Outbox outbox;
  private LiveStacks stacks;
  private Lanes lanes;
  private SessionClock clock;
  private Session session;
  private LaunchedCommand command;
  private boolean commandReleased;
  private long nextFlush;
  private long nextLook;
  private volatile boolean stopped;
  private volatile RecorderNumbers numbers = RecorderNumbers.NONE;

  private LiveRecording(LivePlan plan, LiveSession live) {
    this.plan = plan;
    this.live = live;
    this.facts = new SessionFacts(plan, Source.EBPF);
    if (!(plan.target() instanceof LiveTarget.Kernel)) {
      if (live.unwindTables().isEmpty()) {
        facts.notSeen("callers above code without frame pointers (the library sees them)");
      }
      if (!plan.config().followChildren()) {
        facts.notSeen("children (--follow-children)");
      }
      live.blindSpots().forEach(facts::notSeen);
      if (plan.config().systemCalls()) {
        facts.notSeen("blocks within what is mapped (--syscalls)");
      }
    }
  }

  /**
   * Loads the kernel side; nothing is recorded yet.
   *
   * @throws io.unfreed.bpf.BpfException when that is not possible, in one line
   */
  public static LiveRecording open(LivePlan plan) {
    LiveSession live =
        plan.target() instanceof LiveTarget.Kernel
            ? LiveSession.openForKernel(plan.config())
            : LiveSession.open(plan.config());
    return new LiveRecording(plan, live);
  }

  @Override
  public void start(RecordingSink sink, long flushNanos, Beginning beginning) throws IOException {
    outbox = new Outbox(sink, flushNanos);
    stacks =
        new LiveStacks(
            plan.target() instanceof LiveTarget.Kernel ? KernelSymbols.read() : null, outbox);
    switch (plan.target()) {
      case LiveTarget.Processes processes -> startProcesses(processes);
      case LiveTarget.Program program -> startProgram(program);
      case LiveTarget.Host host -> startHost(host);
      case LiveTarget.Kernel kernel -> startKernel(kernel);
    }
    Session begun = session;
    outbox.give(s -> s.session(begun), 0);
    beginning.begun(begun, tgids());
    if (command != null) {
      command.release();
      commandReleased = true;
    }
  }

  private List<Integer> tgids() {
    return switch (plan.target()) {
      case LiveTarget.Processes processes -> processes.tgids();
      case LiveTarget.Program _ -> List.of(command.tgid());
      case LiveTarget.Host _ -> lanes.alive().stream().map(lane -> lane.tgid).sorted().toList();
      case LiveTarget.Kernel _ -> List.of(0);
    };
  }

  private void startProcesses(LiveTarget.Processes processes) throws IOException {
    begin();
    for (int tgid : processes.tgids()) {
      facts.addStart(attach(tgid), "process " + tgid);
    }
    session = facts.session(clock);
  }

  private AttachReport attach(int tgid) throws NoSuchProcessException {
    long start = ProcessFacts.startNanos(tgid).orElse(0L);
    stacks.look(tgid);
    AttachReport report = live.attach(tgid);
    lanes.attached(tgid, start, ProcessFacts.command(tgid).orElse(null), report.sinceNanos());
    return report;
  }

  /** Those that run; the kernel side adds what execs from now on. */
  private void startHost(LiveTarget.Host host) {
    begin();
    HostProcesses.passing(host.filter())
        .forEach(tgid -> {
          try {
            attach(tgid);
          } catch (NoSuchProcessException | BpfException gone) {
            stacks.forget(tgid); // or its exec came first, and has the kernel record it
          }
        });
    facts.note(
        plan.config().pageFaults()
            ? "system calls mmap, munmap, mremap, brk, madvise, page faults"
            : "system calls mmap, munmap, mremap, brk");
    session = facts.session(clock);
  }

  private void startProgram(LiveTarget.Program program) throws IOException {
    command = live.launch(program.command());
    stacks.hold(command);
    facts.addStart(command.report(), program.command().getFirst());
    begin();
    lanes.await(command.tgid(), String.join(" ", program.command()));
    session = facts.session(clock);
  }

  private void startKernel(LiveTarget.Kernel kernel) {
    begin();
    int self = (int) ProcessHandle.current().pid();
    lanes.open(0, 0, facts.kernelName(), null);
    facts.add(
        new AttachReport(0, 0, live.attachKernel(kernel.percpu(), List.of(self)), List.of()), 0);
    session = facts.session(clock);
  }

  private void begin() {
    clock = SessionClock.now();
    lanes =
        new Lanes(
            new LaneSet.Shared(
                facts.begin(clock),
                clock,
                plan.tickNanos(),
                plan.config().isFiltered(),
                false,
                stacks.dictionary(),
                outbox,
                marks),
            stacks,
            live::counters,
            live::coverage,
            plan.config().followChildren());
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public int awaitCommand() {
    return command.waitFor();
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void mark(String label) {
    marks.add(label);
  }

  @Override
  public Ending run() throws IOException {
    long parkNanos =
        Math.clamp(
            (plan.config().bufferBytes() >> 20) * PARK_NANOS_PER_MEGABYTE,
            SHORTEST_PARK_NANOS,
            LONGEST_PARK_NANOS);
    long startedNanos = System.nanoTime();
    nextFlush = startedNanos + FLUSH_NANOS;
    nextLook = startedNanos + LOOK_NANOS;
    while (!stopped && !isOver() && outbox.failure() == null) {
      long now = System.nanoTime();
      if (now - startedNanos >= plan.durationNanos()) {
        break;
      }
      if (turn(now)) {
        LockSupport.parkNanos(parkNanos);
      }
    }
    return end();
  }

  private boolean isOver() {
    return !(plan.target() instanceof LiveTarget.Host) && lanes.isOver();
  }

  /**
   * One turn of the loop, a method because methods are compiled after some hundred calls and loops
   * after 60 thousand rounds; true when the buffer was empty.
   */
  private boolean turn(long now) {
    boolean looking = now - nextLook > 0;
    List<Integer> gone = looking ? gone() : List.of();
    boolean empty = live.poll(lanes, POLL_LIMIT) < POLL_LIMIT;
    if (empty) {
      lanes.drained(now);
      // Only now: the record of an exit may have been in the buffer.
      gone.forEach(lanes::gone);
    }
    if (looking) {
      lanes.checkLosses();
      takeLateReports();
      tellNumbers();
      nextLook = now + LOOK_NANOS;
    }
    if (now - nextFlush > 0) {
      lanes.flush(now);
      nextFlush = now + FLUSH_NANOS;
    }
    return empty;
  }

  /** How full the kernel's buffer is libbpf does not say before its version 1.3. */
  private void tellNumbers() {
    numbers =
        RecorderNumbers.of(
            lanes.received(),
            live.counters().lost() + lanes.withoutRoom(),
            null,
            outbox.waitingBytes(),
            lanes.alive());
  }

  @Override
  public RecorderNumbers numbers() {
    return numbers;
  }

  private List<Integer> gone() {
    List<Integer> gone = new ArrayList<>();
    for (LiveLane lane : lanes.alive()) {
      if (lane.tgid != 0 && !ProcessFacts.runs(lane.tgid, lane.startNanos)) {
        gone.add(lane.tgid);
      }
    }
    if (command != null && ProcessFacts.startNanos(command.tgid()).isEmpty()) {
      gone.add(command.tgid());
    }
    return gone;
  }

  private void takeLateReports() {
    for (AttachReport report : live.takeLateReports()) {
      facts.add(report, clock.sessionNanos(report.sinceNanos()));
    }
  }

  private Ending end() throws IOException {
    long endNanos = clock.sessionNanos(System.nanoTime());
    live.detach();
    while (live.poll(lanes, POLL_LIMIT) > 0) {
      // until nothing is ready
    }
    lanes.takeMarks();
    takeLateReports();
    CaptureCounters counters = live.counters();
    lanes.checkLosses();
    Ending ending =
        Ending.of(counters, new LiveStackCounts(stacks.incomplete(), live.unwindTables()), lanes);
    lanes.end(endNanos, ending.produced(), ending.lost());
    Session ended =
        Session.newBuilder(session)
            .setProbes(facts.probes())
            .setEnd(
                new SessionEnd(
                    endNanos,
                    ending.produced(),
                    ending.received(),
                    ending.lost(),
                    ending.counters()))
            .build();
    outbox.give(sink -> sink.session(ended), 0);
    outbox.closeOrThrow();
    return ending;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>(facts.notes());
    String limitation = stacks == null ? null : stacks.limitation();
    if (limitation != null) {
      notes.add(limitation);
    }
    return notes;
  }

  @Override
  public void close() {
    if (command != null && !commandReleased) {
      command.abandon();
    }
    live.close();
    if (outbox != null) {
      outbox.close();
    }
    if (stacks != null) {
      stacks.close();
    }
  }
}
