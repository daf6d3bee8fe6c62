package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million hostile rings, and everything else that a process can write, while a reader reads: it
 * never throws, never hangs, and reads the next honest process as if nothing had been.
 */
class ArenaFuzzTest {
  private static final int TURNS = 65_536;

  /** So few that tables do not grow for ever; reads reach beyond, mutations do not. */
  private static final int RINGS = 16;

  private static final int PROCESSES = 16;
  private static final int MODULES = 64;
  private static final int CHUNKS = 8;

  private static final long[] NASTY = {
    0,
    1,
    2,
    -1,
    2048,
    4096,
    1 << 20,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 56,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  @TempDir Path directory;

  private final long seed = Long.getLong("unfreed.fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private MemorySegment memory;

  /** Asks of every event and image what a recorder asks. */
  private static final class Asking implements ArenaHandler<RecordedImage> {
    ArenaReader<RecordedImage> reader;
    NodeReader nodes;
    final ImageModules[] modules = new ImageModules[ArenaLayout.PROCESSES];
    final RecordedImage[] last = new RecordedImage[ArenaLayout.PROCESSES];
    long events;
    long lost;
    long stacks;
    int registered;

    @Override
    public RecordedImage registered(RecordedImage image) {
      registered++;
      if (image.command().length() > ArenaLayout.COMMAND_BYTES || image.tgid() <= 0) {
        throw new AssertionError(image);
      }
      modules[image.slot()] = reader.modules(image);
      last[image.slot()] = image;
      return registered % 17 == 0 ? null : image;
    }

    @Override
    public void event(
        RecordedImage lane,
        int tid,
        long nanos,
        int kind,
        int space,
        long address,
        long size,
        int stack) {
      events++;
      if (nanos > System.nanoTime() + 1_000_000_000L) {
        throw new AssertionError("an event of the future: " + nanos);
      }
      if ((events & 63) == 0 && nodes.read(stack)) {
        stacks++;
        int deepest = nodes.depth() - 1;
        if (lane != null) {
          modules[lane.slot()].at(nodes.address(deepest), nodes.generation());
        }
      }
    }

    @Override
    public void lost(RecordedImage lane, long count, long fromNanos, long toNanos) {
      if (count <= 0) {
        throw new AssertionError(count + " lost");
      }
      lost++;
    }

    @Override
    public void over(RecordedImage lane) {
      reader.execPath(lane);
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldNeitherThrowNorHangWhenEverythingIsMutated() throws Exception {
    System.out.println("seed " + seed);
    try (TestArena in = new TestArena(directory)) {
      memory = in.memory;
      Asking asking = new Asking();
      ArenaReader<RecordedImage> reader = new ArenaReader<>(in.arena, asking);
      asking.reader = reader;
      asking.nodes = reader.nodes();
      long taken = 0;
      for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < RINGS; i++) {
          mutateRing(in, i);
        }
        mutateRest(in);
        taken += reader.poll();
        ask(reader, asking);
      }
      System.out.printf(
          "%,d rings mutated: %,d events, %,d stacks, %,d images, %,d losses, %,d broken%n",
          (long) TURNS * RINGS,
          asking.events,
          asking.stacks,
          asking.registered,
          asking.lost,
          reader.counters().brokenRings());
      assertThat(taken).as("seed %s", seed).isEqualTo(asking.events).isPositive();
      assertThat(asking.stacks).isPositive();
      assertThat(asking.lost).isPositive();
      assertThat(reader.counters().brokenRings()).isPositive();
      assertThat(reader.counters().malformedImages()).isPositive();
    }
  }

  private void ask(ArenaReader<RecordedImage> reader, Asking asking) {
    RecordedImage image = asking.last[random.nextInt(PROCESSES)];
    if (image != null && random.nextInt(8) == 0) {
      reader.execs(image);
      reader.end(image);
    }
    if (random.nextInt(64) == 0) {
      reader.forQuietThreads((of, tid) -> random.nextBoolean());
      reader.counters();
    }
  }

  private void mutateRing(TestArena in, int ring) {
    long at = ArenaLayout.ring(ring);
    switch (random.nextInt(8)) {
      case 0 -> in.claim(ring, random.nextInt(PROCESSES), random.nextInt());
      case 1 -> memory.set(JAVA_INT, at, random.nextInt(6));
      case 2 -> {
        // Any word of it, the reader's own among them.
        memory.set(JAVA_LONG, at + 8L * (1 + random.nextInt(31)), nasty());
      }
      case 3 -> memory.set(JAVA_INT, at + ArenaLayout.RING_PROCESS, random.nextInt(-2, 40));
      case 4 -> memory.set(JAVA_BYTE, at + 4 + random.nextInt(252), (byte) random.nextInt());
      case 5 -> {
        long pending = random.nextBoolean() ? 0 : nasty();
        memory.set(JAVA_LONG, at + ArenaLayout.RING_PENDING, pending);
      }
      default -> write(ring, random.nextInt(24));
    }
  }

  /** Some records, honest in nothing but that they are there. */
  private void write(int ring, int records) {
    long descriptor = ArenaLayout.ring(ring);
    long head = memory.get(JAVA_LONG, descriptor + ArenaLayout.RING_HEAD);
    for (int i = 0; i < records; i++) {
      long at = ArenaLayout.records(ring) + random.nextInt(2048) * ArenaLayout.RECORD_BYTES;
      memory.set(JAVA_LONG, at, random.nextBoolean() ? nasty() : System.nanoTime());
      memory.set(JAVA_LONG, at + ArenaLayout.RECORD_SIZE, nasty());
      memory.set(JAVA_INT, at + ArenaLayout.RECORD_STACK, node());
      memory.set(JAVA_INT, at + ArenaLayout.RECORD_KIND, random.nextInt());
    }
    memory.set(JAVA_LONG, descriptor + ArenaLayout.RING_HEAD, head + records);
  }

  private void mutateRest(TestArena in) {
    int slot = random.nextInt(PROCESSES);
    switch (random.nextInt(6)) {
      case 0 -> in.register(slot, random.nextInt(1, 100));
      case 1 -> {
        in.register(slot, random.nextInt());
        scatter(ArenaLayout.process(slot) + 4, 116, 12);
        scatter(ArenaLayout.process(slot) + ArenaLayout.PROCESS_EXEC_PATH, 4096, 40);
      }
      case 2 -> memory.set(JAVA_INT, ArenaLayout.process(slot), random.nextInt(6));
      case 3 -> {
        long at = ArenaLayout.module(random.nextInt(MODULES));
        scatter(at, (int) ArenaLayout.MODULE_BYTES, 24);
        memory.set(JAVA_INT, at + ArenaLayout.MODULE_PROCESS, slot);
        memory.set(JAVA_LONG, at + ArenaLayout.MODULE_END, -1L);
        memory.set(JAVA_INT, at, ArenaLayout.READY);
      }
      case 4 -> {
        long at = ArenaLayout.chunk(random.nextInt(CHUNKS));
        memory.set(JAVA_INT, at + ArenaLayout.CHUNK_PROCESS, random.nextInt(-1, 40));
        memory.set(JAVA_INT, at, random.nextInt(6));
      }
      default -> {
        // The header but for where the reader waits.
        long at = 8L * random.nextInt(12, 40);
        if (at != ArenaLayout.HEADER_ACTIVE) {
          memory.set(JAVA_LONG, at, nasty());
        }
      }
    }
    long node = ArenaLayout.node(2 + random.nextInt(64));
    memory.set(JAVA_INT, node + ArenaLayout.NODE_PARENT, node());
    memory.set(JAVA_LONG, node + ArenaLayout.NODE_ADDRESS, nasty());
  }

  /** Of few, so that chains and cycles come about; or anything. */
  private int node() {
    return random.nextInt(16) == 0 ? random.nextInt() : random.nextInt(66);
  }

  private void scatter(long at, int bytes, int count) {
    for (int i = 0; i < count; i++) {
      memory.set(JAVA_BYTE, at + random.nextInt(bytes), (byte) random.nextInt());
    }
  }

  private long nasty() {
    return random.nextBoolean() ? random.nextLong() : NASTY[random.nextInt(NASTY.length)];
  }
}
