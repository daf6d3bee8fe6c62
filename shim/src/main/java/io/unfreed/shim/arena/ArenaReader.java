package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Reads an arena: one thread calls {@link #poll} again and again.
 *
 * <p>Why the merge is complete up to its limit: the clock is read first, then every processor that
 * runs a recorded thread passes a barrier. Who stamps later than the clock concerns a later turn.
 * Who stamped earlier has said before that something is pending, which is visible now; and who has
 * cleared that has published before, so heads are read behind it. A ring that is not seen claimed
 * yet has no earlier stamp either.
 *
 * @param <L> what the handler keeps for an image
 */
public final class ArenaReader<L> {
  private final SharedArena arena;
  private final MemorySegment memory;
  private final ArenaHandler<L> handler;
  private final StampClock clock;
  private final List<ImageReader<L>> images = new ArrayList<>();
  private final ImageReader<L>[] bySlot;
  private final RingReader[] byRing = new RingReader[ArenaLayout.ALL_RINGS];
  private final ArenaCounters counters = new ArenaCounters();
  private final long ownNamespace;
  private long lastStamp;
  private long completeStamp;
  private int doorbell;

  @SuppressWarnings({"unchecked", "rawtypes"})
  public ArenaReader(SharedArena arena, ArenaHandler<L> handler) {
    this.arena = arena;
    this.memory = arena.memory();
    this.handler = handler;
    this.clock = new StampClock(arena.machine(), arena.hasTsc());
    this.bySlot = new ImageReader[ArenaLayout.PROCESSES];
    this.ownNamespace = arena.machine().pidNamespace();
    this.lastStamp = clock.now();
    this.completeStamp = lastStamp;
  }

  /**
   * One turn: takes what is complete, gives room back.
   *
   * @return events taken
   */
  public int poll() {
    arena.beat();
    clock.adjust();
    doorbell = (int) SharedArena.INT.getAcquire(memory, ArenaLayout.HEADER_DOORBELL);
    long now = clock.now();
    arena.machine().barrier();
    lookForImages();
    lookForRings();
    tellUnregistered();
    int taken = 0;
    long complete = now;
    for (int i = 0; i < images.size(); i++) {
      taken += images.get(i).drain(handler, clock, lastStamp, now);
      complete = Math.min(complete, images.get(i).completeStamp);
    }
    completeStamp = Math.max(completeStamp, complete);
    lastStamp = now;
    keepSpare(); // ahead of what comes back: where one turn's were all taken, the next has more
    retire();
    keepSpare();
    return taken;
  }

  private void keepSpare() {
    for (ArenaTable table : ArenaTable.values()) {
      arena.keepSpare(table);
    }
  }

  /** CLOCK_MONOTONIC up to which the last turn has taken everything that is complete. */
  public long takenToNanos() {
    return clock.nanos(completeStamp);
  }

  /** Whether there was more than one turn hands out. */
  public boolean isBehind() {
    return images.stream().anyMatch(image -> image.isBehind);
  }

  /** Whether somebody has needed a turn since the last one began. */
  public boolean isCalled() {
    return (int) SharedArena.INT.getAcquire(memory, ArenaLayout.HEADER_DOORBELL) != doorbell;
  }

  /** Waits until somebody needs a turn, bounded. */
  public void await(long nanos) {
    arena
        .machine()
        .await(memory.asSlice(ArenaLayout.HEADER_DOORBELL, Integer.BYTES), doorbell, nanos);
  }

  /** An image's process is gone or has become another: the next turn takes the rest of it. */
  public void end(RecordedImage image) {
    ImageReader<L> reader = bySlot[image.slot()];
    if (reader != null && reader.image.nanos() == image.nanos()) {
      reader.ending = true;
    }
  }

  /** Rings whose thread may have ended without a word: those that were quiet since last asked. */
  public void forQuietThreads(QuietThread check) {
    for (ImageReader<L> image : images) {
      for (RingReader ring : image.rings()) {
        if (ring.isQuiet()
            && image.image.isOf(ownNamespace)
            && !check.runs(image.image, ring.tid)) {
          ring.released = true;
        }
      }
    }
  }

  /** Says whether a thread is still there. */
  public interface QuietThread {
    boolean runs(RecordedImage image, int tid);
  }

  /** Our pid namespace. */
  public long ownNamespace() {
    return ownNamespace;
  }

  /** Reads stacks. */
  public NodeReader nodes() {
    return new NodeReader(arena);
  }

  /** The objects of an image. */
  public ImageModules modules(RecordedImage image) {
    return new ImageModules(arena, image.slot());
  }

  /** Calls of exec that an image has begun. */
  public long execs(RecordedImage image) {
    return memory.get(JAVA_LONG, ArenaLayout.process(image.slot()) + ArenaLayout.PROCESS_EXECS);
  }

  /** The program of its last exec. */
  public String execPath(RecordedImage image) {
    long at = ArenaLayout.process(image.slot()) + ArenaLayout.PROCESS_EXEC_PATH;
    return ImageModules.text(memory, at, ArenaLayout.TARGET_BYTES);
  }

  /** What has been counted so far, images that still run included. */
  public ArenaCounters counters() {
    ArenaCounters sum = new ArenaCounters();
    sum.add(counters);
    sum.unregistered = header(ArenaLayout.HEADER_UNREGISTERED);
    sum.refused = header(ArenaLayout.HEADER_REFUSED);
    sum.starvedStacks = header(ArenaLayout.HEADER_STARVED);
    images.forEach(image -> count(image, sum));
    return sum;
  }

  private long header(long offset) {
    return Math.max(0, memory.get(JAVA_LONG, offset));
  }

  /**
   * Tells of images in the order in which they came, whichever slots they took: a process before
   * its child, what it was before what it is behind an exec. One that is seen may have come behind
   * another whose slot was looked at too early, so all are looked at until there is nothing new.
   */
  private void lookForImages() {
    List<RecordedImage> come = new ArrayList<>();
    BitSet seen = new BitSet();
    int before;
    do {
      before = seen.cardinality();
      for (int i = 0; i < arena.granted(ArenaTable.PROCESSES); i++) {
        if (bySlot[i] == null && !seen.get(i) && isReady(i)) {
          seen.set(i);
          lookAtImage(i, come);
        }
      }
    } while (seen.cardinality() > before);
    come.sort(Comparator.comparingLong(RecordedImage::nanos));
    come.forEach(this::add);
  }

  private boolean isReady(int slot) {
    return (int) SharedArena.INT.getAcquire(memory, ArenaLayout.process(slot)) == ArenaLayout.READY;
  }

  private void lookAtImage(int slot, List<RecordedImage> into) {
    RecordedImage image = image(slot);
    if (image == null) {
      counters.malformedImages++;
      arena.release(ArenaTable.PROCESSES, slot);
    } else {
      into.add(image);
    }
  }

  private void add(RecordedImage image) {
    L lane = handler.registered(image);
    if (image.origin() == RecordedImage.Origin.SPAWN) {
      arena.release(ArenaTable.PROCESSES, image.slot());
      return;
    }
    ImageReader<L> reader = new ImageReader<>(image, lane);
    reader.ending |= lane == null;
    bySlot[image.slot()] = reader;
    images.add(reader);
  }

  /** Null when it makes no sense. */
  private RecordedImage image(int slot) {
    long at = ArenaLayout.process(slot);
    int tgid = memory.get(JAVA_INT, at + ArenaLayout.PROCESS_TGID);
    RecordedImage.Origin origin =
        RecordedImage.Origin.of(memory.get(JAVA_INT, at + ArenaLayout.PROCESS_ORIGIN)).orElse(null);
    if (tgid <= 0 || origin == null) {
      return null;
    }
    return new RecordedImage(
        slot,
        tgid,
        memory.get(JAVA_INT, at + ArenaLayout.PROCESS_PARENT),
        origin,
        memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_PID_NAMESPACE),
        Math.max(0, memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_START_TICKS)),
        clock.nanos(Math.min(clock.now(), memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_STAMP))),
        ImageModules.text(memory, at + ArenaLayout.PROCESS_EXECUTABLE, ArenaLayout.TARGET_BYTES),
        arguments(at),
        ImageModules.text(memory, at + ArenaLayout.PROCESS_EXEC_PATH, ArenaLayout.TARGET_BYTES));
  }

  private String[] arguments(long at) {
    int length = memory.get(JAVA_INT, at + ArenaLayout.PROCESS_COMMAND_BYTES);
    if (length <= 0 || length > ArenaLayout.COMMAND_BYTES) {
      return new String[0];
    }
    byte[] bytes = memory.asSlice(at + ArenaLayout.PROCESS_COMMAND, length).toArray(JAVA_BYTE);
    int end = length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    String all = new String(bytes, 0, end, StandardCharsets.UTF_8);
    return end == 0 ? new String[0] : all.split("\0", -1);
  }

  private void lookForRings() {
    for (int i = 0; i < arena.granted(ArenaTable.RINGS); i++) {
      lookForRing(i);
    }
    for (int i = 0; i < arena.segments(); i++) {
      lookForRing(ArenaLayout.RINGS + i);
    }
  }

  private void lookForRing(int ring) {
    int state = (int) SharedArena.INT.getAcquire(memory, ArenaLayout.ring(ring));
    boolean claimed = state == ArenaLayout.READY || state == ArenaLayout.RELEASED;
    if (claimed && byRing[ring] == null) {
      attach(ring);
    }
    if (state == ArenaLayout.RELEASED && byRing[ring] != null) {
      byRing[ring].released = true;
    }
  }

  private void attach(int ring) {
    int slot = memory.get(JAVA_INT, ArenaLayout.ring(ring) + ArenaLayout.RING_PROCESS);
    if (slot < 0 || slot >= arena.granted(ArenaTable.PROCESSES)) {
      counters.brokenRings++;
      arena.releaseRing(ring);
      return;
    }
    if (bySlot[slot] == null) {
      lookForImages();
    }
    if (bySlot[slot] != null) {
      byRing[ring] = new RingReader(arena, ring);
      bySlot[slot].add(byRing[ring]);
    }
  }

  private void tellUnregistered() {
    long unregistered = header(ArenaLayout.HEADER_UNREGISTERED);
    if (unregistered > counters.unregistered) {
      long more = unregistered - counters.unregistered;
      counters.unregistered = unregistered;
      handler.lost(null, more, clock.nanos(lastStamp), clock.nanos(clock.now()));
    }
  }

  /** Takes rings back whose writers are done, and images that are over. */
  private void retire() {
    for (int i = images.size() - 1; i >= 0; i--) {
      ImageReader<L> image = images.get(i);
      image
          .rings()
          .removeIf(ring -> {
            boolean done = image.ending || (ring.released && !ring.hasNext());
            if (done) {
              countRing(ring, counters);
              byRing[ring.index] = null;
              arena.releaseRing(ring.index);
            }
            return done;
          });
      if (image.ending) {
        finish(image);
        images.remove(i);
      }
    }
  }

  private void finish(ImageReader<L> reader) {
    int slot = reader.image.slot();
    countImage(slot, counters);
    // First: its last stacks are looked up in what is taken back here.
    if (reader.lane != null) {
      handler.over(reader.lane);
    }
    releaseOwned(ArenaTable.MODULES, slot);
    releaseOwned(ArenaTable.CHUNKS, slot);
    bySlot[slot] = null;
    arena.release(ArenaTable.PROCESSES, slot);
  }

  private void releaseOwned(ArenaTable table, int slot) {
    for (int i = 0; i < arena.granted(table); i++) {
      long at = table.entry(i);
      if ((int) SharedArena.INT.getAcquire(memory, at) == ArenaLayout.READY
          && memory.get(JAVA_INT, at + ArenaLayout.CHUNK_PROCESS) == slot) {
        arena.release(table, i);
      }
    }
  }

  private void count(ImageReader<L> image, ArenaCounters into) {
    image.rings().forEach(ring -> countRing(ring, into));
    countImage(image.image.slot(), into);
  }

  private static void countRing(RingReader ring, ArenaCounters into) {
    into.nested += ring.nested();
    into.waits += ring.waits();
    into.brokenRings += ring.isBroken() ? 1 : 0;
  }

  private void countImage(int slot, ArenaCounters into) {
    long at = ArenaLayout.process(slot);
    into.checks += Math.max(0, memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_CHECKS));
    into.mismatches += Math.max(0, memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_MISMATCHES));
    into.incompleteChecked +=
        Math.max(0, memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_INCOMPLETE));
    into.complexWalks += Math.max(0, memory.get(JAVA_LONG, at + ArenaLayout.PROCESS_COMPLEX_WALKS));
  }

  @Override
  public String toString() {
    return arena + ", images " + images.size() + " " + Arrays.toString(new int[] {doorbell});
  }
}
