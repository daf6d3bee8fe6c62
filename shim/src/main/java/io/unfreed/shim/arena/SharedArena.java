package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.sun.management.OperatingSystemMXBean;
import io.unfreed.bpf.ffi.MemoryMap;
import io.unfreed.shim.NativeSide;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The shared file from the collector's side: makes it, puts memory behind what processes may claim,
 * ends it. What others write is read through {@link ArenaReader}. One thread but for {@link
 * #deactivate}.
 */
public final class SharedArena implements AutoCloseable {
  static final VarHandle INT = JAVA_INT.varHandle();
  static final VarHandle LONG = JAVA_LONG.varHandle();

  /** Records of a ring as it is granted: 64 kB. */
  static final int FIRST_RECORDS = 2048;

  static final int MOST_RECORDS = (int) (ArenaLayout.RING_BYTES / ArenaLayout.RECORD_BYTES);

  private final NativeSide machine;
  private final int fd;
  private final Path file;
  private final Arena owner = Arena.ofShared();
  private final MemorySegment memory;
  private final boolean tsc;
  private final int[] granted = new int[ArenaTable.values().length];

  /** By ring: records that have memory. What stands in the arena may have been written over. */
  private final int[] ringRecords = new int[ArenaLayout.RINGS];

  private boolean starved;
  private final Segments segments;

  private SharedArena(NativeSide machine, int fd, Path file, ArenaSettings settings)
      throws IOException {
    this.machine = machine;
    this.fd = fd;
    this.file = file;
    this.tsc = StampClock.isTscReliable();
    if (!machine.allocate(fd, 0, ArenaLayout.PAGE_BYTES)) {
      throw new IOException(describe(file) + ": no memory for rings");
    }
    this.memory =
        MemoryMap.map(
            owner, fd, 0, ArenaLayout.TOTAL_BYTES, MemoryMap.PROT_READ | MemoryMap.PROT_WRITE);
    for (ArenaTable table : ArenaTable.values()) {
      grant(table, table.firstGrant);
      if (granted[table.ordinal()] == 0) {
        throw new IOException(describe(file) + ": no memory for rings");
      }
    }
    this.segments = new Segments(machine, fd, memory, backlogBytes(file, settings));
    writeHeader(settings);
  }

  /**
   * What readers may fall behind by: no more than an eighth of the memory, half of the file system.
   */
  private static long backlogBytes(Path file, ArenaSettings settings) {
    long bytes = settings.backlogBytes();
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      bytes = Math.min(bytes, system.getTotalMemorySize() / 8);
    }
    try {
      return file == null ? bytes : Math.min(bytes, Files.getFileStore(file).getUsableSpace() / 2);
    } catch (IOException unknown) {
      return 0;
    }
  }

  /**
   * Makes the file, with everything that processes need to begin.
   *
   * @param mode of the file: who may be recorded
   * @throws IOException in one line, when it cannot be made or has no memory
   */
  public static SharedArena create(NativeSide machine, Path file, int mode, ArenaSettings settings)
      throws IOException {
    int fd = machine.create(file, ArenaLayout.TOTAL_BYTES, mode);
    try {
      return new SharedArena(machine, fd, file, settings);
    } catch (IOException | RuntimeException e) {
      machine.close(fd);
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Makes an arena of an empty file that somebody else opened; the descriptor is ours to close. */
  public static SharedArena over(NativeSide machine, int fd, ArenaSettings settings)
      throws IOException {
    try {
      machine.resize(fd, ArenaLayout.TOTAL_BYTES);
      return new SharedArena(machine, fd, null, settings);
    } catch (IOException | RuntimeException e) {
      machine.close(fd);
      throw e;
    }
  }

  private static String describe(Path file) {
    return file == null ? "the target's memory file" : file.toString();
  }

  private void writeHeader(ArenaSettings settings) {
    memory.set(JAVA_INT, ArenaLayout.HEADER_VERSION, ArenaLayout.VERSION);
    memory.set(JAVA_INT, ArenaLayout.HEADER_FLAGS, settings.flags(tsc, machine.barrier()));
    memory.set(JAVA_LONG, ArenaLayout.HEADER_TOTAL_BYTES, ArenaLayout.TOTAL_BYTES);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_PROCESSES_AT, ArenaLayout.PROCESSES_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_RINGS_AT, ArenaLayout.RINGS_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_MODULES_AT, ArenaLayout.MODULES_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_CHUNKS_AT, ArenaLayout.CHUNKS_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_NODES_AT, ArenaLayout.NODES_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_RECORDS_AT, ArenaLayout.RECORDS_AT);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_RING_BYTES, ArenaLayout.RING_BYTES);
    int pid = (int) ProcessHandle.current().pid();
    memory.set(JAVA_INT, ArenaLayout.HEADER_COLLECTOR_PID, pid);
    memory.set(JAVA_LONG, ArenaLayout.HEADER_COLLECTOR_PID_NAMESPACE, machine.pidNamespace());
    memory.set(JAVA_LONG, ArenaLayout.HEADER_WAIT_NANOS, settings.waitNanos());
    beat();
    INT.setRelease(memory, ArenaLayout.HEADER_ACTIVE, 1);
    LONG.setRelease(memory, ArenaLayout.HEADER_MAGIC, ArenaLayout.MAGIC);
  }

  MemorySegment memory() {
    return memory;
  }

  NativeSide machine() {
    return machine;
  }

  /** Whether stamps are ticks of the time stamp counter, else nanoseconds. */
  boolean hasTsc() {
    return tsc;
  }

  /** The process that is recorded unless children are followed; before it begins. */
  public void rootTgid(int tgid) {
    INT.setRelease(memory, ArenaLayout.HEADER_ROOT_TGID, tgid);
  }

  /** Shows waiting processes that somebody reads. */
  void beat() {
    LONG.setRelease(memory, ArenaLayout.HEADER_HEARTBEAT, System.nanoTime());
  }

  /** Processes go on without recording, from their next call on. Any thread. */
  public void deactivate() {
    INT.setRelease(memory, ArenaLayout.HEADER_ACTIVE, 0);
  }

  int granted(ArenaTable table) {
    return granted[table.ordinal()];
  }

  int ringRecords(int ring) {
    if (ring >= ArenaLayout.RINGS) {
      return segments.isBacked(ring - ArenaLayout.RINGS) ? MOST_RECORDS : 0;
    }
    return ringRecords[ring];
  }

  /** What has been written and not read, of the memory there is for it, as a part. */
  public double unread() {
    return segments.unread();
  }

  /** Rings behind the table's that may have been claimed. */
  int segments() {
    return segments.granted();
  }

  /** Whether memory ran out, so that something had to be refused. */
  public boolean isStarved() {
    return starved;
  }

  /** Puts memory behind more entries when few are left to be had. */
  void keepSpare(ArenaTable table) {
    int count = granted[table.ordinal()];
    int free = 0;
    for (int i = 0; i < count && free < table.spare; i++) {
      if ((int) INT.getAcquire(memory, table.entry(i)) == ArenaLayout.GRANTED) {
        free++;
      }
    }
    if (free < table.spare) {
      grant(table, Math.max(table.firstGrant, count));
    }
  }

  private void grant(ArenaTable table, int more) {
    int from = granted[table.ordinal()];
    int to = Math.min(table.most, from + more);
    long at = table.entry(from);
    if (to == from || !allocate(at, table.entry(to) - at)) {
      starved |= to != from;
      return;
    }
    for (int i = from; i < to && back(table, i); i++) {
      INT.setRelease(memory, table.entry(i), ArenaLayout.GRANTED);
      granted[table.ordinal()] = i + 1;
    }
    LONG.setRelease(
        memory,
        ArenaLayout.HEADER_GRANTED + table.ordinal() * Long.BYTES,
        (long) granted[table.ordinal()]);
  }

  /** Memory for what belongs to an entry. */
  private boolean back(ArenaTable table, int index) {
    return switch (table) {
      case RINGS -> growRing(index, FIRST_RECORDS);
      case CHUNKS ->
          allocate(
              ArenaLayout.node(index * ArenaLayout.CHUNK_NODES),
              ArenaLayout.CHUNK_NODES * ArenaLayout.NODE_BYTES);
      case PROCESSES, MODULES -> true;
    };
  }

  /** Lets a ring have more records, if there is memory. */
  boolean growRing(int ring, int records) {
    if (ring >= ArenaLayout.RINGS) {
      return true;
    }
    int wanted = Math.min(MOST_RECORDS, Integer.highestOneBit(Math.max(records, FIRST_RECORDS)));
    if (wanted > ringRecords[ring]) {
      if (!allocate(ArenaLayout.records(ring), wanted * ArenaLayout.RECORD_BYTES)) {
        return false;
      }
      ringRecords[ring] = wanted;
    }
    LONG.setRelease(
        memory, ArenaLayout.ring(ring) + ArenaLayout.RING_GRANTED, (long) ringRecords[ring]);
    return true;
  }

  /** Gives an entry back, to be claimed again. */
  void release(ArenaTable table, int index) {
    INT.setRelease(memory, table.entry(index), ArenaLayout.GRANTED);
  }

  /** Gives a ring back, as small as at first, or a segment. */
  void releaseRing(int ring) {
    if (ring >= ArenaLayout.RINGS) {
      segments.release(ring - ArenaLayout.RINGS);
    } else {
      shrinkRing(ring);
      release(ArenaTable.RINGS, ring);
    }
  }

  private void shrinkRing(int ring) {
    if (ringRecords[ring] > FIRST_RECORDS) {
      long kept = FIRST_RECORDS * ArenaLayout.RECORD_BYTES;
      long had = ringRecords[ring] * ArenaLayout.RECORD_BYTES;
      machine.discard(fd, ArenaLayout.records(ring) + kept, had - kept);
      ringRecords[ring] = FIRST_RECORDS;
    }
    long descriptor = ArenaLayout.ring(ring);
    memory.asSlice(descriptor + 8, ArenaLayout.RING_DESCRIPTOR_BYTES - 8).fill((byte) 0);
    LONG.setRelease(memory, descriptor + ArenaLayout.RING_GRANTED, (long) ringRecords[ring]);
  }

  private boolean allocate(long at, long bytes) {
    boolean done = machine.allocate(fd, at, bytes);
    starved |= !done;
    return done;
  }

  /** Entries that are granted, in all tables. */
  @Override
  public String toString() {
    return "arena " + describe(file) + " " + Arrays.toString(granted);
  }

  @Override
  public void close() {
    if (owner.scope().isAlive()) {
      deactivate();
      segments.close();
      if (file == null) {
        // The target keeps it mapped; whatever its threads still write there costs a page or two.
        machine.discard(
            fd, ArenaLayout.PAGE_BYTES, ArenaLayout.TOTAL_BYTES - ArenaLayout.PAGE_BYTES);
      }
      owner.close();
      machine.close(fd);
    }
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException stays) {
        // With its directory, which says so.
      }
    }
  }
}
