package io.unfreed.shim.arena;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rings that threads go on in, as processes claim, fill and leave them. */
class SegmentsTest {
  private static final int MOST = (int) (TestArena.BACKLOG_BYTES / ArenaLayout.RING_BYTES);
  private static final int SPARE = 6;

  /** So long memory is kept for certain when nobody needs it. */
  private static final long KEPT_NANOS = 1_000_000_000L;

  @TempDir Path directory;

  private final Taken taken = new Taken();
  private TestArena in;
  private ArenaReader<RecordedImage> reader;

  @BeforeEach
  void open() throws Exception {
    in = new TestArena(directory);
    reader = new ArenaReader<>(in.arena, taken);
    in.register(0, 4711);
    in.claim(0, 0, 7);
  }

  @AfterEach
  void close() {
    if (in != null) {
      in.close();
    }
  }

  @Test
  void shouldGoOnWhereAThreadWentOn() {
    StampClock clock = in.clock();
    in.put(0, clock.now(), ArenaHandler.ALLOC, 0x10);
    in.claim(segment(0), 0, 7);
    in.put(segment(0), clock.now(), ArenaHandler.FREE, 0x10);
    in.state(0, ArenaLayout.RELEASED);
    in.put(segment(0), clock.now(), ArenaHandler.ALLOC, 0x20);
    in.claim(segment(1), 0, 7);
    in.state(segment(0), ArenaLayout.RELEASED);
    in.put(segment(1), clock.now(), ArenaHandler.ALLOC, 0x30);

    assertThat(reader.poll()).isEqualTo(4);
    assertThat(taken.events)
        .extracting(Taken.Event::address)
        .containsExactly(0x10L, 0x10L, 0x20L, 0x30L);
    assertThat(state(0)).isEqualTo(ArenaLayout.GRANTED);
    assertThat(state(segment(1))).isEqualTo(ArenaLayout.READY);
  }

  @Test
  void shouldHaveAFewMoreWhenTheFirstIsUsed() {
    assertThat(granted()).isEqualTo(2);
    in.claim(segment(0), 0, 7);
    in.callForSegments();
    awaiting().until(() -> granted() == SPARE);
    assertThat(in.arena.unread()).isZero();
  }

  @Test
  void shouldGrantNoMoreThanThereIsMemoryForAndSayHowMuchIsUnread() {
    fillAll();
    assertThat(granted()).isZero();
    awaiting().until(() -> in.arena.unread() == 1);
    assertThat(in.arena.segments()).isEqualTo(MOST);
  }

  @Test
  void shouldGiveMemoryBackWhenAllHasBeenRead() throws Exception {
    fillAll();
    reader.poll();
    awaiting().until(() -> granted() == SPARE && in.arena.unread() == 0);
    awaiting().until(() -> backed() == SPARE);
    awaiting().until(() -> in.allocatedBytes() < (SPARE + 1) * ArenaLayout.RING_BYTES);
  }

  /**
   * As at a steady rate: the next is claimed before the last one has been read. The kernel need not
   * clear memory for it, which shows in what was written there.
   */
  @Test
  void shouldHaveAgainWhatHasJustBeenRead() {
    int last = 0;
    long beganNanos;
    do {
      awaiting().until(() -> backed() < MOST && granted() >= 2);
      beganNanos = System.nanoTime();
      last = nextGranted();
      in.claim(segment(last), 0, 7);
      in.callForSegments();
      awaiting().until(() -> granted() == SPARE);
      in.put(segment(last), in.clock().now(), ArenaHandler.ALLOC, 0x20);
      in.state(segment(last), ArenaLayout.RELEASED);
      reader.poll();
      awaitKeeper();
      int next = nextGranted();
      in.claim(segment(next), 0, 7);
      in.callForSegments();
      int again = last;
      awaiting().until(() -> state(segment(again)) == ArenaLayout.GRANTED);
      in.state(segment(next), ArenaLayout.RELEASED);
      reader.poll();
    } while (System.nanoTime() - beganNanos > KEPT_NANOS);
    assertThat(in.memory.get(JAVA_LONG, firstAddress(last))).isEqualTo(0x20);
  }

  /** Until it has looked at everything once more; a look may have been under way. */
  private void awaitKeeper() {
    for (int i = 0; i < 2; i++) {
      in.memory.set(JAVA_INT, ArenaLayout.HEADER_SEGMENTS_FREE, -1);
      in.callForSegments();
      awaiting().until(() -> in.memory.get(JAVA_INT, ArenaLayout.HEADER_SEGMENTS_FREE) != -1);
    }
  }

  private int nextGranted() {
    return IntStream.range(0, MOST)
        .filter(i -> state(segment(i)) == ArenaLayout.GRANTED)
        .findFirst()
        .orElseThrow();
  }

  private static long firstAddress(int segment) {
    return ArenaLayout.records(segment(segment)) + ArenaLayout.RECORD_ADDRESS;
  }

  private long backed() {
    return IntStream.range(0, MOST).filter(i -> in.arena.ringRecords(segment(i)) > 0).count();
  }

  /** A thread fills one after the other. */
  private void fillAll() {
    for (int i = 0; i < MOST; i++) {
      int next = i;
      awaiting().until(() -> state(segment(next)) == ArenaLayout.GRANTED);
      in.claim(segment(i), 0, 7);
      in.state(i == 0 ? 0 : segment(i - 1), ArenaLayout.RELEASED);
      in.callForSegments();
    }
    in.state(segment(MOST - 1), ArenaLayout.RELEASED);
    in.callForSegments();
  }

  private static org.awaitility.core.ConditionFactory awaiting() {
    return await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(5));
  }

  private static int segment(int index) {
    return ArenaLayout.RINGS + index;
  }

  private int state(int ring) {
    return in.memory.get(JAVA_INT, ArenaLayout.ring(ring));
  }

  private long granted() {
    return IntStream.range(0, MOST).filter(i -> state(segment(i)) == ArenaLayout.GRANTED).count();
  }
}
