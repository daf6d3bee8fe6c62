package io.unfreed.collector.live;

import io.unfreed.bpf.session.CommandObjects;
import io.unfreed.bpf.session.LaunchedCommand;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.shim.NativeSide;
import io.unfreed.shim.RingDirectory;
import io.unfreed.shim.ShimLibrary;
import io.unfreed.shim.arena.ArenaReader;
import io.unfreed.shim.arena.ArenaSettings;
import io.unfreed.shim.arena.SharedArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A recording by the library in the process: a command from its first instruction. */
public final class ShimRecording implements Recorder {
  private static final long FLUSH_NANOS = 150_000_000L;
  private static final long LOOK_NANOS = 100_000_000L;
  private static final long QUIET_NANOS = 1_000_000_000L;

  /** Between turns while events come, and while none do; a full ring wakes us at once. */
  private static final long BUSY_NANOS = 1_000_000L;

  private static final long IDLE_NANOS = 10_000_000L;

  /** With fewer events than this in a turn it was not worth it. */
  private static final int BUSY_EVENTS = 256;

  private final LivePlan plan;
  private final LiveTarget.Program program;
  private final RingDirectory directory;
  private final SharedArena arena;
  private final SessionFacts facts;
  private final Marks marks = new Marks();
  private final Unseen unseen;
  private Outbox outbox;
  private ShimStacks stacks;
  private LaneSet lanes;
  private ShimLanes images;
  private ArenaReader<ShimLane> reader;
  private SessionClock clock;
  private Session session;
  private LaunchedCommand command;
  private boolean commandReleased;
  private long nextFlush;
  private long nextLook;
  private long nextQuiet;
  private volatile boolean stopped;

  private ShimRecording(
      LivePlan plan, LiveTarget.Program program, RingDirectory directory, SharedArena arena) {
    this.plan = plan;
    this.program = program;
    this.directory = directory;
    this.arena = arena;
    this.unseen = new Unseen(ShimBlindSpots.lines(plan));
    this.facts = new SessionFacts(plan, io.unfreed.schemas.Source.SHIM);
  }

  /**
   * Makes the shared memory; nothing is recorded yet.
   *
   * @throws IOException when that is not possible, in one line
   */
  public static ShimRecording open(LivePlan plan) throws IOException {
    LiveTarget.Program program = (LiveTarget.Program) plan.target();
    NativeSide machine = ShimLibrary.nativeSide();
    RingDirectory directory = RingDirectory.make();
    try {
      ArenaSettings settings =
          new ArenaSettings(
              plan.config().followChildren(),
              plan.shim().freeStacks(),
              plan.shim().dropWhenFull(),
              ArenaSettings.DEFAULT_WAIT_NANOS,
              false);
      return new ShimRecording(plan, program, directory, directory.arena(machine, settings));
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public void start(RecordingSink sink, long flushNanos, Beginning beginning) throws IOException {
    outbox = new Outbox(sink, flushNanos);
    stacks = new ShimStacks(outbox);
    CommandObjects objects = CommandObjects.of(program.command().getFirst());
    command =
        LaunchedCommand.start(program.command(), objects.files(), directory.environment());
    arena.rootTgid(command.tgid());
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
                outbox));
    images = new ShimLanes(lanes, clock, stacks, plan, unseen);
    reader = new ArenaReader<>(arena, images);
    images.readBy(reader);
    facts.note("the recording library, preloaded");
    unseen.lines().forEach(facts::notSeen);
    session = facts.session(clock);
    Session begun = session;
    outbox.give(s -> s.session(begun), 0);
    beginning.begun(begun, List.of(command.tgid()));
    command.release();
    commandReleased = true;
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
    long started = System.nanoTime();
    nextFlush = started + FLUSH_NANOS;
    nextLook = started + LOOK_NANOS;
    nextQuiet = started + QUIET_NANOS;
    while (!stopped && outbox.failure() == null) {
      long now = System.nanoTime();
      if (now - started >= plan.durationNanos()) {
        break;
      }
      boolean gone = now - nextLook > 0 && isCommandGone();
      int taken = turn(now);
      if (gone && images.isOver()) {
        break;
      }
      if (taken < BUSY_EVENTS) {
        reader.await(taken == 0 ? IDLE_NANOS : BUSY_NANOS);
      }
    }
    return end();
  }

  private boolean isCommandGone() {
    return !ProcessFacts.runs(
        command.tgid(), ProcessFacts.startNanos(command.tgid()).orElse(Long.MIN_VALUE));
  }

  /** One turn of the loop, a method because methods are compiled sooner than loops. */
  private int turn(long now) {
    int taken = reader.poll();
    lanes.passWatermark(clock.sessionNanos(reader.takenToNanos()));
    takeMarks();
    if (now - nextLook > 0) {
      images.look(this::hasArena);
      nextLook = now + LOOK_NANOS;
    }
    if (now - nextQuiet > 0) {
      reader.forQuietThreads(
          (image, tid) -> Files.exists(Path.of("/proc/" + image.tgid() + "/task/" + tid)));
      nextQuiet = now + QUIET_NANOS;
    }
    if (now - nextFlush > 0) {
      lanes.flush();
      nextFlush = now + FLUSH_NANOS;
    }
    return taken;
  }

  private void takeMarks() {
    marks.take((label, nanos) -> lanes.mark(label, clock.sessionNanos(nanos)));
  }

  private boolean hasArena(int tgid) {
    try {
      return Files.readString(Path.of("/proc/" + tgid + "/maps"))
          .contains(directory.arenaFile().toString());
    } catch (IOException goneOrNotOurs) {
      return false;
    }
  }

  private Ending end() throws IOException {
    arena.deactivate();
    reader.poll();
    takeMarks();
    images.look(this::hasArena);
    reader.poll();
    if (isCommandGone()) {
      images.neverRegistered(command.tgid(), String.join(" ", program.command()));
    }
    long endNanos = clock.sessionNanos(System.nanoTime());
    Ending ending =
        ShimEnding.of(reader.counters(), images.received(), lanes.lost(), stacks.incomplete());
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
    if (arena.isStarved()) {
      notes.add("memory for rings ran out: what found none is counted as lost");
    }
    return notes;
  }

  @Override
  public void close() {
    if (command != null && !commandReleased) {
      command.abandon();
    }
    arena.close();
    directory.close();
    if (outbox != null) {
      outbox.close();
    }
    if (stacks != null) {
      stacks.close();
    }
  }
}
