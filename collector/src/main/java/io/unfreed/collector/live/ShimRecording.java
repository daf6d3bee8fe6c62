package io.unfreed.collector.live;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.shim.NativeSide;
import io.unfreed.shim.ShimLibrary;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * A recording by the library in the process: of a command from its first instruction, or of running
 * processes into which the library is loaded.
 */
public final class ShimRecording implements Recorder {
  private static final long FLUSH_NANOS = 150_000_000L;
  private static final long LOOK_NANOS = 100_000_000L;
  private static final long QUIET_NANOS = 1_000_000_000L;
  private static final long GLANCE_NANOS = 20_000_000L;

  /** Between turns while events come, and while none do; a full ring wakes us at once. */
  private static final long BUSY_NANOS = 1_000_000L;

  private static final long IDLE_NANOS = 10_000_000L;

  /** What is seen live is so much older at most; memory for so long is there at 4 M events/s. */
  private static final long REST_NANOS = 200_000_000L;

  /** Of the memory for what is unread: more is read without a pause. */
  private static final double REST_BELOW = 0.25;

  /** With fewer events than this in a turn it was not worth it. */
  private static final int BUSY_EVENTS = 256;

  private final LivePlan plan;
  private final NativeSide machine;
  private final ShimTarget target;
  private final SessionFacts facts;
  private final Marks marks = new Marks();
  private final Unseen unseen;
  private final List<ShimSource> sources = new CopyOnWriteArrayList<>();
  private Outbox outbox;
  private ShimStacks stacks;
  private LaneSet lanes;
  private SessionClock clock;
  private Session session;
  private long started;
  private long nextFlush;
  private long nextLook;
  private long nextQuiet;
  private long nextGlance;
  private boolean ended;
  private volatile boolean stopped;
  private volatile RecorderNumbers numbers = RecorderNumbers.NONE;

  private ShimRecording(LivePlan plan, NativeSide machine, ShimTarget target) {
    this.plan = plan;
    this.machine = machine;
    this.target = target;
    this.unseen = new Unseen(ShimBlindSpots.lines(plan));
    this.facts = new SessionFacts(plan, Source.SHIM);
  }

  /**
   * Makes ready what is shared; nothing is recorded yet.
   *
   * @throws IOException when that is not possible, in one line
   */
  public static ShimRecording open(LivePlan plan) throws IOException {
    NativeSide machine = ShimLibrary.nativeSide();
    ShimTarget target =
        switch (plan.target()) {
          case LiveTarget.Program program -> ShimCommand.prepare(machine, program, plan);
          case LiveTarget.Processes processes -> new ShimProcesses(processes, plan);
          case LiveTarget.Kernel _, LiveTarget.Host _ ->
              throw new IllegalArgumentException("the library is in chosen processes only");
        };
    return new ShimRecording(plan, machine, target);
  }

  @Override
  public void start(RecordingSink sink, long flushNanos, Beginning beginning) throws IOException {
    outbox = new Outbox(sink, flushNanos);
    stacks = new ShimStacks(outbox);
    clock = SessionClock.now();
    lanes =
        new LaneSet(
            new LaneSet.Shared(
                facts.begin(clock),
                clock,
                plan.tickNanos(),
                plan.config().isFiltered(),
                plan.shim().freeStacks(),
                stacks.dictionary(),
                outbox,
                marks),
            new LaneSet.Watch() {});
    List<Integer> tgids = whilePolling(() -> target.begin(machine, facts, this::source));
    unseen.lines().forEach(facts::notSeen);
    session = facts.session(clock);
    Session begun = session;
    outbox.give(s -> s.session(begun), 0);
    beginning.begun(begun, tgids);
    target.release();
  }

  /** Memory that will be written to. */
  private void source(SharedArena arena, String mappingName) {
    ShimLanes images = new ShimLanes(lanes, clock, stacks, plan, unseen);
    sources.add(new ShimSource(arena, images, mappingName));
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public int awaitCommand() {
    return target.awaitCommand();
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
    started = System.nanoTime();
    nextFlush = started + FLUSH_NANOS;
    nextLook = started + LOOK_NANOS;
    nextQuiet = started + QUIET_NANOS;
    nextGlance = started;
    BackgroundPriority.lower(machine);
    while (runsOn()) {
      long now = System.nanoTime();
      if (isTimeUp(now)) {
        break;
      }
      boolean gone = now - nextLook > 0 && target.life() != ShimTarget.Life.RUNS;
      int taken = turn(now);
      if (gone && isOver()) {
        break;
      }
      if (mayRest()) {
        rest();
      } else if (taken < BUSY_EVENTS) {
        sources.getFirst().reader().await(taken == 0 ? IDLE_NANOS : BUSY_NANOS);
      }
    }
    return end();
  }

  private boolean runsOn() {
    return !stopped && outbox.failure() == null;
  }

  private boolean isTimeUp(long now) {
    return now - started >= plan.durationNanos();
  }

  private boolean mayRest() {
    return unread() < REST_BELOW && !commandHasEnded();
  }

  private boolean commandHasEnded() {
    long now = System.nanoTime();
    if (now - nextGlance > 0) {
      ended = target.life() == ShimTarget.Life.ENDED;
      nextGlance = now + GLANCE_NANOS;
    }
    return ended;
  }

  /** Of the memory for what is unread, as a part. */
  private double unread() {
    return sources.stream().mapToDouble(source -> source.arena().unread()).max().orElse(0);
  }

  /**
   * Leaves the processors to what is recorded, while there is memory for what it writes: fewer and
   * longer turns cost it less, and a program that ends soon does not compete with our compiler.
   */
  private void rest() {
    long from = System.nanoTime();
    long now = from;
    while (runsOn()
        && now - from < REST_NANOS
        && !isTimeUp(now)
        && mayRest()
        && sources.stream().noneMatch(ShimRecording::wantsATurn)) {
      sources.getFirst().reader().await(IDLE_NANOS);
      now = System.nanoTime();
    }
  }

  private static boolean wantsATurn(ShimSource source) {
    return source.reader().isCalled() || source.reader().isBehind();
  }

  private boolean isOver() {
    return lanes.alive().isEmpty() && sources.stream().allMatch(s -> s.lanes().isOver());
  }

  /** Who may write to the file may also cut it, and reading it is then an error of the JVM's. */
  private static int poll(ShimSource source) throws IOException {
    try {
      return source.reader().poll();
    } catch (InternalError e) {
      throw new IOException("the rings' file was cut by somebody: " + e.getMessage(), e);
    }
  }

  /** One turn of the loop, a method because methods are compiled sooner than loops. */
  private int turn(long now) throws IOException {
    int taken = 0;
    long completeNanos = Long.MAX_VALUE;
    for (ShimSource source : sources) {
      taken += poll(source);
      completeNanos = Math.min(completeNanos, source.reader().takenToNanos());
    }
    lanes.passWatermark(clock.sessionNanos(completeNanos));
    if (now - nextLook > 0) {
      sources.forEach(ShimSource::look);
      tellNumbers();
      nextLook = now + LOOK_NANOS;
    }
    if (now - nextQuiet > 0) {
      sources.forEach(ShimSource::lookForThreads);
      nextQuiet = now + QUIET_NANOS;
    }
    if (now - nextFlush > 0) {
      lanes.flush(now);
      nextFlush = now + FLUSH_NANOS;
    }
    return taken;
  }

  private void tellNumbers() {
    numbers =
        RecorderNumbers.of(
            sources.stream().mapToLong(source -> source.lanes().received()).sum(),
            lanes.lost(),
            unread(),
            outbox.waitingBytes(),
            lanes.alive());
  }

  @Override
  public RecorderNumbers numbers() {
    return numbers;
  }

  /** Something that takes its time in a process whose threads wait when nobody reads. */
  private interface Errand<T> {
    T run() throws IOException;
  }

  private <T> T whilePolling(Errand<T> errand) throws IOException {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("unfreed-errand")
        .start(() -> {
          try {
            result.complete(errand.run());
          } catch (IOException | RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    while (!result.isDone()) {
      for (ShimSource source : sources) {
        source.reader().poll();
      }
      LockSupport.parkNanos(BUSY_NANOS);
    }
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw e;
    }
  }

  private Ending end() throws IOException {
    whilePolling(() -> {
      target.detach(facts);
      return null;
    });
    sources.forEach(ShimSource::finish);
    lanes.takeMarks();
    target.neverRegistered(sources.getFirst().lanes());
    long endNanos = clock.sessionNanos(System.nanoTime());
    Ending ending = ShimEnding.of(sources, lanes.lost(), stacks.incomplete());
    lanes.end(endNanos, ending.produced(), ending.lost());
    unseen.lines().forEach(facts::notSeen);
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
    if (stacks != null && stacks.limitation() != null) {
      notes.add(stacks.limitation());
    }
    if (sources.stream().anyMatch(source -> source.arena().isStarved())) {
      notes.add("memory for rings ran out: what found none is counted as lost");
    }
    return notes;
  }

  @Override
  public void close() {
    target.abandon(facts);
    sources.forEach(source -> source.arena().close());
    target.close();
    if (outbox != null) {
      outbox.close();
    }
    if (stacks != null) {
      stacks.close();
    }
  }
}
