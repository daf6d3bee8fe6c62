package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns of the reader over an arena that the test fills as processes would. */
class ArenaReaderTest {
  private static final int TGID = 4711;

  @TempDir Path directory;

  private final Taken taken = new Taken();
  private TestArena in;
  private ArenaReader<RecordedImage> reader;
  private StampClock clock;

  @BeforeEach
  void open() throws Exception {
    in = new TestArena(directory);
    clock = in.clock();
    reader = new ArenaReader<>(in.arena, taken);
  }

  @AfterEach
  void close() {
    if (in != null) {
      in.close();
    }
  }

  @Test
  void shouldHandOutEventsOfAProcessAndGiveRoomBack() {
    registered();
    in.put(0, clock.now(), ArenaHandler.ALLOC, 0x10);
    in.put(0, clock.now(), ArenaHandler.FREE, 0x10);

    assertThat(reader.poll()).isEqualTo(2);
    assertThat(addresses()).containsExactly(0x10L, 0x10L);
    assertThat(taken.events.getFirst().tid()).isEqualTo(7);
    assertThat(ring(0, ArenaLayout.RING_TAIL)).isEqualTo(2);
    assertThat(reader.poll()).isZero();
  }

  @Test
  void shouldTellOfImagesInTheOrderInWhichTheyCame() {
    long stamp = clock.now();
    in.register(5, TGID, 1, stamp - 3_000);
    in.register(4, TGID + 1, 2, stamp - 2_000);
    in.register(3, TGID + 1, 1, stamp - 1_000); // in a slot that somebody gave back
    reader.poll();

    assertThat(taken.images).extracting(RecordedImage::slot).containsExactly(5, 4, 3);
  }

  @Test
  void shouldHoldBackWhatIsLaterThanARecordThatIsBeingWritten() {
    registered();
    in.claim(1, 0, 8);
    long stamp = clock.now();
    in.put(0, stamp + 3, ArenaHandler.ALLOC, 0x10);
    in.ring(1, ArenaLayout.RING_PENDING, stamp);

    assertThat(reader.poll()).isZero();
    in.put(1, stamp + 1, ArenaHandler.FREE, 0x20);
    in.ring(1, ArenaLayout.RING_PENDING, 0);
    assertThat(reader.poll()).isEqualTo(2);
    assertThat(addresses()).containsExactly(0x20L, 0x10L);
  }

  @Test
  void shouldTakeARecordThatWasNotFinishedForWhatItIsWhenItsProcessEnds() {
    registered();
    in.put(0, clock.now(), ArenaHandler.ALLOC, 0x10);
    in.ring(0, ArenaLayout.RING_PENDING, 1); // killed while it wrote the next one
    assertThat(reader.poll()).isZero();

    reader.end(taken.images.getFirst());
    assertThat(reader.poll()).isEqualTo(1);
    assertThat(taken.over).isEqualTo(taken.images);
    assertThat(in.memory.get(JAVA_INT, ArenaLayout.ring(0))).isEqualTo(ArenaLayout.GRANTED);
    assertThat(in.memory.get(JAVA_INT, ArenaLayout.process(0))).isEqualTo(ArenaLayout.GRANTED);
  }

  @Test
  void shouldWaitWithAStampOfTheFuture() {
    registered();
    in.put(0, Long.MAX_VALUE, ArenaHandler.ALLOC, 0x10);
    assertThat(reader.poll()).isZero();
    reader.end(taken.images.getFirst());
    assertThat(reader.poll()).isEqualTo(1);
    assertThat(taken.events.getFirst().nanos()).isLessThanOrEqualTo(System.nanoTime());
  }

  @Test
  void shouldTellDroppedEventsOnceWithTheTimeUpToWhichTheyWereCounted() {
    registered();
    in.ring(0, ArenaLayout.RING_DROPPED, 5);
    reader.poll();
    reader.poll();
    assertThat(taken.lost).isEqualTo(5);
    in.memory.set(JAVA_LONG, ArenaLayout.HEADER_UNREGISTERED, 3L);
    reader.poll();
    reader.poll();
    assertThat(taken.lost).isEqualTo(8);
    assertThat(reader.counters().unregistered()).isEqualTo(3);
  }

  @Test
  void shouldCountARingThatContradictsItselfAndTellItsEventsLost() {
    registered();
    in.put(0, clock.now(), ArenaHandler.ALLOC, 0x10);
    reader.poll();
    in.ring(0, ArenaLayout.RING_HEAD, 1 + SharedArena.FIRST_RECORDS + 1);
    reader.poll();
    in.put(0, clock.now(), ArenaHandler.ALLOC, 0x20);
    reader.poll();

    assertThat(addresses()).containsExactly(0x10L);
    assertThat(taken.lost).isEqualTo(SharedArena.FIRST_RECORDS + 1);
    assertThat(reader.counters().brokenRings()).isEqualTo(1);
  }

  @Test
  void shouldTellTheLossOfARingThatBreaksWithTheEndOfItsImage() {
    registered();
    reader.poll();
    in.ring(0, ArenaLayout.RING_HEAD, -1);
    reader.end(taken.images.getFirst());
    reader.poll();

    assertThat(taken.lost).isPositive();
    assertThat(reader.counters().brokenRings()).isEqualTo(1);
    assertThat(taken.over).hasSize(1);
  }

  @Test
  void shouldTakeABrokenRingBackWhenItsThreadHasLeftIt() {
    registered();
    in.ring(0, ArenaLayout.RING_HEAD, -1);
    reader.poll();
    in.memory.set(JAVA_INT, ArenaLayout.ring(0), ArenaLayout.RELEASED);
    reader.poll();

    assertThat(in.memory.get(JAVA_INT, ArenaLayout.ring(0))).isEqualTo(ArenaLayout.GRANTED);
    assertThat(reader.counters().brokenRings()).isEqualTo(1);
  }

  @Test
  void shouldHaveMoreRingsWhenAllWereTakenAndLeftWithinATurn() {
    registered();
    reader.poll();
    int granted = in.arena.granted(ArenaTable.RINGS);
    for (int ring = 1; ring < granted; ring++) {
      in.claim(ring, 0, 7 + ring);
      in.put(ring, clock.now(), ArenaHandler.ALLOC, 0x10 * ring);
      in.state(ring, ArenaLayout.RELEASED);
    }

    assertThat(reader.poll()).isEqualTo(granted - 1);
    assertThat(in.arena.granted(ArenaTable.RINGS)).isGreaterThan(granted);
    int more = in.arena.granted(ArenaTable.RINGS);
    reader.poll();
    assertThat(in.arena.granted(ArenaTable.RINGS)).as("when nobody asks").isEqualTo(more);
  }

  @Test
  void shouldCountARegistrationThatMakesNoSense() {
    in.register(3, -1);
    reader.poll();
    assertThat(taken.images).isEmpty();
    assertThat(reader.counters().malformedImages()).isEqualTo(1);
    assertThat(in.memory.get(JAVA_INT, ArenaLayout.process(3))).isEqualTo(ArenaLayout.GRANTED);
  }

  @Test
  void shouldRefuseARingOfNoProcess() {
    in.claim(0, -5, 7);
    reader.poll();
    assertThat(reader.counters().brokenRings()).isEqualTo(1);
  }

  @Test
  void shouldEndAChainOfFramesThatIsACycle() {
    node(2, 3, 0x1000);
    node(3, 2, 0x2000);
    node(4, 4, 0x3000);
    node(5, Integer.MIN_VALUE, 0x4000);
    node(6, 0, 0x5000);
    node(7, ArenaLayout.NODE_INCOMPLETE, 0x6000);
    NodeReader nodes = reader.nodes();
    for (int bad : new int[] {0, 1, 2, 3, 4, 5, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThat(nodes.read(bad)).as("node %s", bad).isFalse();
    }
    assertThat(nodes.read(6)).isTrue();
    assertThat(nodes.isComplete()).isTrue();
    assertThat(nodes.address(0)).isEqualTo(0x5000);
    assertThat(nodes.read(7)).isTrue();
    assertThat(nodes.isComplete()).isFalse();
  }

  private void registered() {
    in.register(0, TGID);
    in.claim(0, 0, 7);
  }

  private void node(int number, int parent, long address) {
    long at = ArenaLayout.node(number);
    in.memory.set(JAVA_INT, at + ArenaLayout.NODE_PARENT, parent);
    in.memory.set(JAVA_LONG, at + ArenaLayout.NODE_ADDRESS, address);
  }

  private long ring(int ring, long field) {
    return in.memory.get(JAVA_LONG, ArenaLayout.ring(ring) + field);
  }

  private List<Long> addresses() {
    return taken.events.stream().map(Taken.Event::address).toList();
  }
}
