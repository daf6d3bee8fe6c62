package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.lane.StackKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A timeline that is drawn on by looks, compared with one that is counted from all events. */
class TimelineGrowthTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.rounds", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  /** What was known at a look, and the slots that there were then. */
  private record Look(long atNanos, long widthNanos, Standing standing) {}

  @Test
  void shouldEndAtEveryLookWithWhatAllEventsComeTo() throws Exception {
    int looked = 0;
    int checked = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(SEED + round);
      RandomSession session = new RandomSession(SEED + round);
      long mostWords = random.nextBoolean() ? Timeline.MOST_WORDS : 8000 + random.nextInt(5000);
      session.more(random.nextInt(20));
      boolean areWhole = random.nextBoolean(); // no stack shares a line in one lane alone
      RandomSession.Exact first = session.exact(0, areWhole ? Timeline.MOST_WORDS : 2000);
      long[][] drawnFirst = drawn(first.timeline());
      Timeline grown = first.timeline();
      Standing before = first.standing();
      List<Look> looks = new ArrayList<>();
      for (int look = 0; look < 12; look++) {
        String what = "seed " + (SEED + round) + " look " + look;
        session.more(random.nextInt(10));
        if (random.nextInt(4) == 0) {
          session.quietFor(random.nextLong(3 * RandomSession.TICK_NANOS));
        }
        RandomSession.Exact exact = session.exact();
        assertThat(exact.standing().canFollow(before)).as(what).isTrue();

        grown = TimelineGrowth.grown(grown, before, exact.standing(), mostWords);

        before = exact.standing();
        looks.add(new Look(grown.lastNanos(), grown.widthNanos(), before));
        assertEndsAs(what, grown, exact, areWhole);
        assertThat(grown.slots()).as(what).isBetween(1, Timeline.MOST_SLOTS);
        assertThat(grown.stacks().words()).as(what).isLessThanOrEqualTo(mostWords);
        checked += assertStillKnows(what, grown, looks);
        looked++;
      }
      assertThat(drawn(first.timeline())).as("seed " + (SEED + round)).isDeepEqualTo(drawnFirst);
    }
    assertThat(looked).isEqualTo(12 * ROUNDS);
    assertThat(checked).isGreaterThan(ROUNDS);
    System.out.println("timelines: seeds " + SEED + " + 0 .. " + (ROUNDS - 1));
  }

  private static void assertEndsAs(
      String what, Timeline grown, RandomSession.Exact exact, boolean areWhole) {
    assertThat(ends(grown)).as(what).isEqualTo(ends(exact.timeline()));
    exact
        .standing()
        .processes()
        .forEach((key, process) ->
            assertThat(ends(grown).get(key))
                .as(what + " " + key)
                .startsWith(
                    process.counts().outstandingBytes(),
                    process.counts().outstandingCount(),
                    process.counts().allocations(),
                    process.counts().frees(),
                    process.counts().allocatedBytes()));
    assertThat(grown.lastNanos()).as(what).isEqualTo(exact.standing().atNanos());
    long[] sums = new long[2];
    grown
        .stacks()
        .forEach((key, line) -> {
          Timeline.Lines lines = new Timeline.Lines(grown.slots(), false);
          line.addTo(lines);
          lines.outstanding();
          assertThat(Arrays.stream(lines.bytes).min().orElseThrow())
              .as(what + " " + key)
              .isNotNegative();
          assertThat(Arrays.stream(lines.count).min().orElseThrow())
              .as(what + " " + key)
              .isNotNegative();
          Standing.Held held = exact.standing().stacks().get(key);
          long bytes = held == null ? 0 : held.bytes();
          if (key != null && areWhole) {
            assertThat(line.endBytes()).as(what + " " + key).isEqualTo(bytes);
          } else if (key != null) {
            assertThat(line.endBytes()).as(what + " " + key).isLessThanOrEqualTo(bytes);
          }
          sums[0] += line.endBytes();
          sums[1] += line.endCount();
        });
    Timeline.Lines all = all(grown).outstanding();
    assertThat(sums)
        .as(what)
        .containsExactly(all.bytes[grown.slots() - 1], all.count[grown.slots() - 1]);
  }

  /**
   * The last look in a slot is what the slot ends with, as long as no two slots became one since.
   */
  private static int assertStillKnows(String what, Timeline grown, List<Look> looks) {
    int checked = 0;
    for (int i = 0; i < looks.size() - 1; i++) {
      Look look = looks.get(i);
      Look next = looks.get(i + 1);
      int slot = grown.extent().slot(look.atNanos());
      if (look.widthNanos() != grown.widthNanos() || slot == grown.extent().slot(next.atNanos())) {
        continue;
      }
      checked++;
      look.standing()
          .processes()
          .forEach((key, process) -> {
            Timeline.Lines lines = new Timeline.Lines(grown.slots());
            grown.processes().get(key).addTo(lines);
            lines.outstanding();
            assertThat(lines.bytes[slot])
                .as(what + " " + key)
                .isEqualTo(process.counts().outstandingBytes());
            assertThat(lines.count[slot])
                .as(what + " " + key)
                .isEqualTo(process.counts().outstandingCount());
          });
    }
    return checked;
  }

  /** What each process comes to. */
  private static Map<String, List<Long>> ends(Timeline timeline) {
    Map<String, List<Long>> ends = new HashMap<>();
    timeline
        .processes()
        .forEach((key, process) ->
            ends.put(
                key,
                List.of(
                    process.bytes.total(),
                    process.count.total(),
                    process.allocations.total(),
                    process.frees.total(),
                    process.allocatedBytes.total(),
                    process.lost.total())));
    return ends;
  }

  private static Timeline.Lines all(Timeline timeline) {
    Timeline.Lines all = new Timeline.Lines(timeline.slots());
    timeline.processes().values().forEach(process -> process.addTo(all));
    return all;
  }

  private static long[][] drawn(Timeline timeline) {
    Timeline.Lines all = all(timeline);
    Map<StackKey, Long> stacks = new HashMap<>();
    timeline.stacks().forEach((key, line) -> stacks.put(key, line.endBytes()));
    return new long[][] {
      all.bytes, all.count, all.allocations, all.frees, all.lost, {stacks.hashCode()}
    };
  }

  @Test
  void shouldStayExactAsLongAsNothingHappens() throws Exception {
    RandomSession session = new RandomSession(SEED);
    session.more(20);
    RandomSession.Exact first = session.exact();
    session.quietFor(5 * RandomSession.TICK_NANOS);
    Standing quiet = session.exact().standing();
    Timeline longer = TimelineGrowth.grown(first.timeline(), first.standing(), quiet);
    session.more(20);
    Timeline then = TimelineGrowth.grown(longer, quiet, session.exact().standing());

    assertThat(longer.lastNanos()).isGreaterThan(first.timeline().lastNanos());
    assertThat(longer.exactNanos()).isEqualTo(longer.lastNanos());
    assertThat(then.lastNanos()).isGreaterThan(longer.lastNanos());
    assertThat(then.exactNanos()).isEqualTo(longer.lastNanos());
  }

  @Test
  void shouldSpreadANumberSoThatItAddsUp() {
    for (long number : new long[] {0, 7, -7, 1023, Long.MAX_VALUE, Long.MIN_VALUE + 1}) {
      SlotSums sums = new SlotSums();
      sums.spread(3, 12, number);
      long[] slots = new long[20];
      sums.addTo(slots);

      assertThat(sums.total()).isEqualTo(number);
      for (int slot = 0; slot < slots.length; slot++) {
        long part = slot < 3 || slot > 12 ? 0 : number / 10;
        assertThat(slots[slot]).isBetween(part - 1, part + 1);
      }
    }
  }
}
