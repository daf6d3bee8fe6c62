package io.unfreed.collector.live;

import io.unfreed.bpf.session.LiveSessionConfig;
import io.unfreed.bpf.symbols.Teller;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.shim.arena.ArenaHandler;
import io.unfreed.shim.arena.ArenaReader;
import io.unfreed.shim.arena.NodeReader;
import io.unfreed.shim.arena.RecordedImage;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Recorded images as lanes: one lane per process, which goes on when the process becomes another
 * image. Used by one thread.
 *
 * <p>Scenario of an exec, pinned by a test: (1) the old image's last events are in its rings, (2)
 * the new image registers under the same pid and start, (3) the reader is told that the old image
 * has ended and hands out all the rest of it, (4) the exec is written ahead of the new image's
 * first event.
 */
final class ShimLanes implements ArenaHandler<ShimLane> {
  private static final long CLOCK_TICK_NANOS = 10_000_000L;

  /** A pid is not used again so soon. */
  private static final long SAME_PROCESS_NANOS = 1_000_000_000L;

  /** An exec that no image has followed for so long has led to one without the library. */
  private static final long EXEC_NANOS = 2_000_000_000L;

  private static final long NOT_YET = Long.MIN_VALUE / 2;

  /** A program that a child said it would become. */
  private record Spawned(String path, long startNanos, long nanos, int parentTgid) {}

  private final LaneSet lanes;
  private final SessionClock clock;
  private final ShimStacks stacks;
  private final boolean freeStacks;
  private final RecordFilter.Sampling sampling;
  private final Map<Integer, ShimLane> images = new HashMap<>();
  private final Map<Integer, Spawned> spawned = new HashMap<>();

  /** When processes registered last: what a parent says of its child may come later. */
  private final Map<Integer, Long> registeredNanos = new HashMap<>();

  /** Lanes of processes that have become an image that does not record. */
  private final Set<LiveLane> unrecorded = new HashSet<>();

  private final Unseen unseen;
  private ArenaReader<ShimLane> reader;
  private NodeReader nodes;
  private long received;
  private long malformed;

  ShimLanes(LaneSet lanes, SessionClock clock, ShimStacks stacks, LivePlan plan, Unseen unseen) {
    this.lanes = lanes;
    this.clock = clock;
    this.stacks = stacks;
    this.unseen = unseen;
    this.freeStacks = plan.shim().freeStacks();
    LiveSessionConfig config = plan.config();
    this.sampling =
        config.isFiltered()
            ? new RecordFilter.Sampling(
                config.minSizeBytes(), config.maxSizeBytes(), config.sampleRate())
            : null;
  }

  /** Whose events these are. */
  void readBy(ArenaReader<ShimLane> from) {
    reader = from;
    nodes = from.nodes();
  }

  /** Events that were taken, whether or not filters let them through. */
  long received() {
    return received;
  }

  /** Records that made no sense; counted as lost. */
  long malformed() {
    return malformed;
  }

  /** Images whose events may still come. */
  Collection<ShimLane> images() {
    return images.values();
  }

  /** Whether nobody is left whose events may still come. */
  boolean isOver() {
    return images.isEmpty() && spawned.isEmpty();
  }

  @Override
  public ShimLane registered(RecordedImage told) {
    RecordedImage image =
        told.isOf(reader.ownNamespace())
            ? told
            : told.withTgid(
                ProcessFacts.tgidOf(told.tgid(), told.pidNamespace()).orElse(told.tgid()));
    long nanos = clock.sessionNanos(image.nanos());
    if (image.origin() == RecordedImage.Origin.SPAWN) {
      spawn(image, nanos);
      return null;
    }
    spawned.remove(image.tgid());
    long start = startNanos(image);
    LiveLane lane = lanes.get(image.tgid());
    ShimLane before = null;
    if (lane != null && lane.startNanos == start && image.origin() == RecordedImage.Origin.FORK) {
      start++; // a number of two namespaces in one tick of the clock: no process forks into itself
    }
    if (lane != null && lane.startNanos != start) {
      exit(lane, nanos); // the pid has been used again
      lane = null;
    }
    boolean known = lane != null;
    if (known) {
      before = images.get(image.tgid());
      if (before != null) {
        reader.end(before.image);
      }
    } else {
      lane = open(image, start, nanos);
    }
    ShimLane made =
        new ShimLane(
            image,
            lane,
            new ImageCode(
                teller(image, start, nanos), nodes, reader.modules(image), stacks.cache()),
            stacks,
            sampling == null ? null : new RecordFilter(sampling),
            freeStacks);
    made.before = before;
    if (known && before == null) {
      exec(made, lane);
    }
    images.put(image.tgid(), made);
    registeredNanos.put(image.tgid(), nanos);
    return made;
  }

  /** A fork runs what its parent does. */
  private Teller teller(RecordedImage image, long start, long nanos) {
    ShimLane parent = images.get(image.parentTgid());
    if (image.origin() == RecordedImage.Origin.FORK && parent != null) {
      return new Teller(image.tgid(), parent.code.teller().began());
    }
    long began =
        image.origin() == RecordedImage.Origin.EXEC
            ? clock.startEpochNanos() + nanos
            : clock.epochNanosOfStart(start);
    return new Teller(image.tgid(), FileTime.from(began, TimeUnit.NANOSECONDS));
  }

  private LiveLane open(RecordedImage image, long start, long nanos) {
    long from = RecordedFrom.BEGINNING;
    if (image.origin() == RecordedImage.Origin.ATTACH) {
      long age = clock.startEpochNanos() + nanos - clock.epochNanosOfStart(start);
      from = Math.max(1, age);
    }
    forkOf(image.parentTgid(), image.tgid(), start, nanos);
    LiveLane lane = lanes.open(image.tgid(), start, image.command(), from);
    lane.beginsAt(nanos);
    return lane;
  }

  private void forkOf(int parentTgid, int tgid, long start, long nanos) {
    LiveLane parent = lanes.get(parentTgid);
    if (parent != null) {
      lanes.forked(parent, nanos, LiveLane.Identity.incarnation(tgid, start));
    }
  }

  /** Its parent, or itself before its exec, says what it is going to be. */
  private void spawn(RecordedImage image, long nanos) {
    if (image.becoming().isEmpty()) {
      spawned.remove(image.tgid()); // its exec has failed
    } else if (nanos - registeredNanos.getOrDefault(image.tgid(), NOT_YET) > SAME_PROCESS_NANOS) {
      spawned.put(
          image.tgid(),
          new Spawned(image.becoming(), startNanos(image), nanos, image.parentTgid()));
    }
  }

  private static long startNanos(RecordedImage image) {
    return image.startTicks() > 0
        ? image.startTicks() * CLOCK_TICK_NANOS
        : ProcessFacts.startNanos(image.tgid()).orElse(0L);
  }

  @Override
  public void event(
      ShimLane to, int tid, long nanos, int kind, int space, long address, long size, int stack) {
    if (to.before != null) {
      exec(to, to.lane);
    }
    long at = Math.max(0, clock.sessionNanos(nanos));
    lanes.ready(to.lane, at);
    if (to.add(tid, at, kind, space, address, size, stack)) {
      received++;
    } else {
      malformed++;
      lanes.lose(to.lane, 1, at, at);
    }
  }

  private void exec(ShimLane now, LiveLane lane) {
    long nanos = Math.max(lane.lastNanos, clock.sessionNanos(now.image.nanos()));
    now.before = null;
    lanes.ready(lane, nanos);
    lanes.giveAhead(lane); // the facts of a batch are about what it ends with
    lane.exec(nanos, now.image.command(), RecordedFrom.BEGINNING);
  }

  @Override
  public void lost(ShimLane lane, long events, long fromNanos, long toNanos) {
    lanes.lose(
        lane == null ? null : lane.lane,
        events,
        clock.sessionNanos(fromNanos),
        clock.sessionNanos(toNanos));
  }

  @Override
  public void over(ShimLane ended) {
    ShimLane now = images.get(ended.image.tgid());
    if (now != ended) {
      if (now != null && now.before == ended) {
        exec(now, now.lane);
      }
      return;
    }
    images.remove(ended.image.tgid());
    if (ended.becameUnseen) {
      becameUnseen(ended);
    }
    if (ProcessFacts.runs(ended.image.tgid(), ended.lane.startNanos)) {
      unrecorded.add(ended.lane);
    } else {
      exit(ended.lane, clock.sessionNanos(System.nanoTime()));
    }
  }

  private void becameUnseen(ShimLane image) {
    int tgid = image.image.tgid();
    String path = reader.execPath(image.image);
    long nanos = Math.max(image.lane.lastNanos, clock.sessionNanos(System.nanoTime()));
    lanes.ready(image.lane, nanos);
    lanes.giveAhead(image.lane);
    image.lane.exec(nanos, ProcessFacts.command(tgid).orElse(path), RecordedFrom.NEVER);
    unseen.image(path);
  }

  private void exit(LiveLane lane, long nanos) {
    lanes.exit(lane, Math.max(lane.lastNanos, nanos));
  }

  /**
   * Looks who has ended, and who has become an image that does not record.
   *
   * @param stillMapped whether a process still has this recording's memory
   */
  void look(StillMapped stillMapped) {
    for (ShimLane image : new ArrayList<>(images.values())) {
      int tgid = image.image.tgid();
      if (!ProcessFacts.runs(tgid, image.lane.startNanos)) {
        // Its exec was not taken back, and no image has come of it.
        image.becameUnseen = reader.execs(image.image) > 0;
        reader.end(image.image);
      } else if (reader.execs(image.image) > 0) {
        lookAfterExec(image, stillMapped.has(tgid));
      }
    }
    unrecorded.removeIf(lane -> {
      boolean gone = !ProcessFacts.runs(lane.tgid, lane.startNanos);
      if (gone && lanes.get(lane.tgid) == lane) {
        exit(lane, clock.sessionNanos(System.nanoTime()));
      }
      return gone || images.containsKey(lane.tgid);
    });
    lookAfterChildren();
  }

  /** Says whether a process has this recording's memory mapped. */
  interface StillMapped {
    boolean has(int tgid);
  }

  private void lookAfterExec(ShimLane image, boolean mapped) {
    long now = System.nanoTime();
    if (mapped) {
      image.unmappedNanos = 0;
    } else if (image.unmappedNanos == 0) {
      image.unmappedNanos = now;
    } else if (now - image.unmappedNanos > EXEC_NANOS) {
      image.becameUnseen = true;
      reader.end(image.image);
    }
  }

  /** Who is gone without having registered has been something that is not recorded. */
  private void lookAfterChildren() {
    List<Integer> gone = new ArrayList<>();
    spawned.forEach((tgid, child) -> {
      if (!ProcessFacts.runs(tgid, child.startNanos)) {
        gone.add(tgid);
      }
    });
    if (!gone.isEmpty()) {
      reader.poll(); // a registration may have been on its way
    }
    for (int tgid : gone) {
      Spawned child = spawned.remove(tgid);
      if (child != null) {
        neverSeen(tgid, child);
      }
    }
  }

  private void neverSeen(int tgid, Spawned child) {
    unseen.image(child.path);
    forkOf(child.parentTgid, tgid, child.startNanos, child.nanos);
    LiveLane lane = lanes.open(tgid, child.startNanos, child.path, RecordedFrom.NEVER);
    lane.beginsAt(child.nanos);
    exit(lane, clock.sessionNanos(System.nanoTime()));
  }

  /** A command that ran without ever registering. */
  void neverRegistered(int tgid, String command) {
    if (!registeredNanos.containsKey(tgid)) {
      long now = clock.sessionNanos(System.nanoTime());
      neverSeen(tgid, new Spawned(command, 0, now, 0));
    }
  }
}
