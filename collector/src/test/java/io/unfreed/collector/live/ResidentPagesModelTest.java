package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random calls of several threads, by chunks and by single pages. */
class ResidentPagesModelTest {
  private static final int SEEDS = 60;
  private static final int STEPS = 3_000;
  private static final int THREADS = 4;

  /** Pages near one another, and some far away. */
  private static final long NEAR = 500;

  private static final long FAR = 1L << 35;

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, 4_000})
  void shouldSayWhatTheModelSays(long limitBytes) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      run(seed, new PageMemory(limitBytes));
    }
  }

  private static void run(long seed, PageMemory memory) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> changes = new ArrayList<>();
    ResidentPages.Changes told =
        new ResidentPages.Changes() {
          @Override
          public void gone(long page) {
            changes.add("-" + page);
          }

          @Override
          public void came(long page, int stack) {
            changes.add("+" + page + "/" + stack);
          }
        };
    ResidentPages pages = new ResidentPages(memory);
    PageModel model = new PageModel();
    for (int step = 0; step < STEPS; step++) {
      int tid = random.nextInt(THREADS);
      long start = random.nextInt(9) == 0 ? FAR + random.nextInt(99) : random.nextLong(NEAR);
      long count = random.nextInt(20) == 0 ? FAR : random.nextLong(NEAR / 3);
      switch (random.nextInt(40)) {
        case 0, 1 -> {
          pages.begin(tid, start, count, told);
          model.begin(tid, start, count);
        }
        case 2 -> {
          pages.released(tid, told);
          model.end(tid);
        }
        case 3 -> {
          pages.moved(tid, start, count, told);
          model.moved(tid, start, count);
        }
        case 4 -> {
          pages.failed(tid);
          model.failed(tid);
        }
        case 5 -> {
          pages.drop(start, count, told);
          model.drop(start, count);
        }
        default -> {
          boolean isKnown = pages.fault(tid, start, step, told);
          model.fault(tid, start, step, isKnown);
          if (!isKnown) {
            assertThat(memory.hasRoom()).isFalse();
          }
        }
      }
      assertThat(changes).as("seed %d, step %d", seed, step).isEqualTo(model.changes);
      changes.clear();
      model.changes.clear();
    }
    model.stacks.keySet().forEach(page -> model.changes.add("-" + page));
    pages.drop(0, FAR * 2, told);
    assertThat(changes).as("seed %d, at the end", seed).isEqualTo(model.changes);
    pages.clear();
    assertThat(memory.usedBytes()).as("seed %d", seed).isZero();
  }
}
