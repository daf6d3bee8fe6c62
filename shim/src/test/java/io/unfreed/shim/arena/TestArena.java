package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unfreed.shim.NativeSide;
import io.unfreed.shim.ShimLibrary;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** An arena in a file of the test, and the part of a recorded process, written by hand. */
final class TestArena implements AutoCloseable {
  static final long BACKLOG_BYTES = 12 * ArenaLayout.RING_BYTES;

  private final Path file;

  final NativeSide machine;
  final SharedArena arena;
  final MemorySegment memory;

  TestArena(Path directory) throws IOException {
    assumeLibrary();
    machine = ShimLibrary.nativeSide();
    ArenaSettings settings = new ArenaSettings(true, false, false, 0, BACKLOG_BYTES, false);
    file = directory.resolve("arena");
    arena = SharedArena.create(machine, file, 0600, settings);
    memory = arena.memory();
  }

  /** Skips the test, with a printed reason, where the build made no library. */
  static void assumeLibrary() {
    String why = ShimLibrary.unavailable().map("shim: "::concat).orElse("");
    if (!why.isEmpty()) {
      System.err.println("SKIPPED: " + why);
    }
    assumeTrue(why.isEmpty(), why);
  }

  StampClock clock() {
    return new StampClock(machine, arena.hasTsc());
  }

  /** A process registers in a slot. */
  void register(int slot, int tgid) {
    register(slot, tgid, 1, 0);
  }

  /** The same at some time, as what it came to be by. */
  void register(int slot, int tgid, int origin, long stamp) {
    long at = ArenaLayout.process(slot);
    memory.asSlice(at, ArenaLayout.PROCESS_BYTES).fill((byte) 0);
    memory.set(JAVA_INT, at + ArenaLayout.PROCESS_TGID, tgid);
    memory.set(JAVA_INT, at + ArenaLayout.PROCESS_ORIGIN, origin);
    memory.set(JAVA_LONG, at + ArenaLayout.PROCESS_STAMP, stamp);
    SharedArena.INT.setRelease(memory, at, ArenaLayout.READY);
  }

  /** A thread takes a ring of the first size. */
  void claim(int ring, int slot, int tid) {
    long at = ArenaLayout.ring(ring);
    memory.asSlice(at + 4, ArenaLayout.RING_DESCRIPTOR_BYTES - 4).fill((byte) 0);
    memory.set(JAVA_LONG, at + ArenaLayout.RING_GRANTED, (long) SharedArena.FIRST_RECORDS);
    memory.set(JAVA_LONG, at + ArenaLayout.RING_CAPACITY, (long) SharedArena.FIRST_RECORDS);
    memory.set(JAVA_INT, at + ArenaLayout.RING_PROCESS, slot);
    memory.set(JAVA_INT, at + ArenaLayout.RING_TID, tid);
    SharedArena.INT.setRelease(memory, at, ArenaLayout.READY);
  }

  /** A record behind the last one of a ring. */
  void put(int ring, long stamp, int kind, long address) {
    long descriptor = ArenaLayout.ring(ring);
    long head = memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_HEAD);
    long at =
        ArenaLayout.records(ring)
            + (head & (SharedArena.FIRST_RECORDS - 1)) * ArenaLayout.RECORD_BYTES;
    memory.set(JAVA_LONG, at + ArenaLayout.RECORD_STAMP, stamp);
    memory.set(JAVA_LONG, at + ArenaLayout.RECORD_ADDRESS, address);
    memory.set(JAVA_LONG, at + ArenaLayout.RECORD_SIZE, 16L);
    memory.set(JAVA_INT, at + ArenaLayout.RECORD_STACK, 0);
    memory.set(JAVA_BYTE, at + ArenaLayout.RECORD_KIND, (byte) kind);
    memory.set(JAVA_BYTE, at + ArenaLayout.RECORD_SPACE, (byte) ArenaHandler.HEAP);
    SharedArena.LONG.setRelease(memory, descriptor + ArenaLayout.RING_HEAD, head + 1);
  }

  void state(int ring, int state) {
    SharedArena.INT.setRelease(memory, ArenaLayout.ring(ring), state);
  }

  /** As a thread does that has claimed one. */
  void callForSegments() {
    SharedArena.INT.getAndAdd(memory, ArenaLayout.HEADER_SEGMENT_BELL, 1);
    machine.wake(memory.asSlice(ArenaLayout.HEADER_SEGMENT_BELL, Integer.BYTES));
  }

  /** What the file really takes. */
  long allocatedBytes() throws IOException {
    Process stat = new ProcessBuilder("stat", "--format=%b", file.toString()).start();
    return 512 * Long.parseLong(stat.inputReader().readLine());
  }

  void ring(int ring, long field, long value) {
    memory.set(JAVA_LONG, ArenaLayout.ring(ring) + field, value);
  }

  @Override
  public void close() {
    arena.close();
  }
}
