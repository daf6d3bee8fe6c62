package io.unfreed.shim.arena;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random rings against a plain sort. */
class RingMergeTest {
  private static final int RINGS = 13;
  private static final int ROUNDS = 400;

  @TempDir Path directory;

  private record Put(int ring, long stamp, int kind, long address) {
    boolean isRelease() {
      return kind == ArenaHandler.FREE || kind == ArenaHandler.INTENT;
    }

    long key() {
      return stamp * 2 + (isRelease() ? 0 : 1);
    }
  }

  @Test
  void shouldHandOutWhatAPlainSortGivesWhenRingsAreRandom() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (TestArena in = new TestArena(directory)) {
      List<RingReader> readers = new ArrayList<>();
      for (int ring = 0; ring < RINGS; ring++) {
        in.claim(ring, 0, ring);
        readers.add(new RingReader(in.arena, ring));
      }
      StampClock clock = in.clock();
      RingMerge merge = new RingMerge();
      List<Put> waiting = new ArrayList<>();
      long[] stamps = new long[RINGS];
      for (int round = 0; round < ROUNDS; round++) {
        waiting.addAll(fill(in, random, stamps));
        long limit = 1 + random.nextLong(round + 2) * 8;
        Taken taken = new Taken();
        int most = 1 + random.nextInt(60);
        int count = 0;
        int step;
        do {
          merge.clear();
          readers.stream().filter(RingReader::look).forEach(merge::add);
          step = merge.drain(taken, null, clock, limit, Long.MAX_VALUE >>> 3, most);
          assertThat(step).isLessThanOrEqualTo(most);
          if (step < most) {
            assertThat(merge.nextStamp()).isGreaterThan(limit);
          }
          readers.forEach(RingReader::giveBack);
          count += step;
        } while (step == most);

        List<Put> expected = waiting.stream().filter(put -> put.stamp <= limit).toList();
        waiting.removeAll(expected);
        assertThat(count).isEqualTo(taken.events.size());
        compare(taken.events, expected, "seed " + seed + ", round " + round);
      }
    }
  }

  /** Within a ring stamps never fall, and at equal ones a release comes first, as in a thread. */
  private static List<Put> fill(TestArena in, Random random, long[] stamps) {
    List<Put> all = new ArrayList<>();
    for (int ring = 0; ring < RINGS; ring++) {
      for (int i = random.nextInt(8); i > 0; i--) {
        stamps[ring] += 1 + random.nextInt(3);
        int releasing = random.nextBoolean() ? ArenaHandler.FREE : ArenaHandler.INTENT;
        boolean both = random.nextInt(4) == 0;
        if (both || random.nextBoolean()) {
          all.add(put(in, ring, stamps[ring], releasing, random.nextLong()));
        }
        if (both || random.nextBoolean()) {
          int taking = random.nextBoolean() ? ArenaHandler.ALLOC : ArenaHandler.OUTCOME_OK;
          all.add(put(in, ring, stamps[ring], taking, random.nextLong()));
        }
      }
    }
    return all;
  }

  private static Put put(TestArena in, int ring, long stamp, int kind, long address) {
    in.put(ring, stamp, kind, address);
    return new Put(ring, stamp, kind, address);
  }

  /** Equal keys of different rings may come in any order, those of one ring in its own. */
  private static void compare(List<Taken.Event> taken, List<Put> expected, String what) {
    List<Put> sorted =
        expected.stream()
            .sorted(Comparator.comparingLong(Put::key).thenComparingInt(Put::ring))
            .toList();
    List<Put> told = new ArrayList<>();
    for (Taken.Event event : taken) {
      Stream<Put> same = expected.stream().filter(put -> put.address == event.address());
      Put put = same.findFirst().orElseThrow(() -> new AssertionError(what + ": " + event));
      assertThat(event.tid()).as(what).isEqualTo(put.ring);
      assertThat(event.kind()).as(what).isEqualTo(put.kind);
      told.add(put);
    }
    assertThat(told.stream().map(Put::key).toList())
        .as(what)
        .isEqualTo(sorted.stream().map(Put::key).toList());
    assertThat(told.stream().sorted(Comparator.comparingInt(Put::ring)).toList())
        .as(what)
        .isEqualTo(expected.stream().sorted(Comparator.comparingInt(Put::ring)).toList());
  }

  @Test
  void shouldKeepARingsOwnOrderWhenItsStampsStepBack() throws Exception {
    try (TestArena in = new TestArena(directory)) {
      in.claim(0, 0, 1);
      in.claim(1, 0, 2);
      in.put(0, 10, ArenaHandler.ALLOC, 1);
      in.put(0, 4, ArenaHandler.FREE, 2);
      in.put(0, 20, ArenaHandler.ALLOC, 3);
      in.put(1, 10, ArenaHandler.FREE, 4);
      in.put(1, 15, ArenaHandler.ALLOC, 5);
      Taken taken = new Taken();
      RingMerge merge = new RingMerge();
      for (int ring = 0; ring < 2; ring++) {
        RingReader reader = new RingReader(in.arena, ring);
        assertThat(reader.look()).isTrue();
        merge.add(reader);
      }
      merge.drain(taken, null, in.clock(), Long.MAX_VALUE, Long.MAX_VALUE >>> 3, 100);

      assertThat(taken.events.stream().map(Taken.Event::address).toList())
          .containsExactly(4L, 1L, 2L, 5L, 3L);
    }
  }
}
