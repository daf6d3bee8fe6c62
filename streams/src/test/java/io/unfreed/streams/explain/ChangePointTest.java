package io.unfreed.streams.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChangePointTest {
  private final Random random = new Random(815);
  private final long[] born = new long[100];
  private final long[] stay = new long[100];

  private void slots(int from, int to, int births, double share) {
    for (int slot = from; slot < to; slot++) {
      born[slot] = births;
      for (int i = 0; i < births; i++) {
        stay[slot] += random.nextDouble() < share ? 1 : 0;
      }
    }
  }

  @Test
  void shouldSaySinceWhenAnotherShareStays() {
    slots(3, 60, 50, 0.001);
    slots(60, 100, 50, 0.1);

    ChangePoint since = ChangePoint.of(born, stay, 100);

    assertThat(since.slot()).isBetween(58, 62);
    assertThat(since.before()).isLessThan(0.02);
    assertThat(since.after()).isCloseTo(0.1, within(0.03));
  }

  @Test
  void shouldSayTheFirstBlockWhenTheShareNeverChanges() {
    slots(3, 100, 20, 0.3);

    ChangePoint since = ChangePoint.of(born, stay, 100);

    assertThat(since.slot()).isEqualTo(3);
    assertThat(since.before()).isNull();
    assertThat(since.after()).isCloseTo(0.3, within(0.05));
  }

  @Test
  void shouldNotLookAtSlotsThatAreTooYoungToTell() {
    slots(0, 90, 20, 0);
    slots(90, 100, 20, 1);

    assertThat(ChangePoint.of(born, stay, 90).before()).isNull();
    assertThat(ChangePoint.of(born, stay, 100).slot()).isEqualTo(90);
    assertThat(ChangePoint.of(new long[5], new long[5], 5)).isNull();
  }

  @Test
  void shouldFindTheBestSplitWhenEveryOneIsTried() {
    for (int trial = 0; trial < 200; trial++) {
      int at = 10 + random.nextInt(80);
      java.util.Arrays.fill(born, 0);
      java.util.Arrays.fill(stay, 0);
      slots(0, at, 5 + random.nextInt(40), random.nextDouble());
      slots(at, 100, 5 + random.nextInt(40), random.nextDouble());
      ChangePoint since = ChangePoint.of(born, stay, 100);
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int split = 1; split < 100; split++) {
        double likelihood = likelihood(0, split) + likelihood(split, 100);
        if (likelihood > most + 1e-9) {
          most = likelihood;
          best = split;
        }
      }
      boolean isBetter = most > likelihood(0, 100) + 12;
      assertThat(since.before() != null).isEqualTo(isBetter);
      if (isBetter) {
        assertThat(since.slot()).isEqualTo(best);
      }
    }
  }

  /** Slot by slot and block by block. */
  private double likelihood(int from, int to) {
    double all = 0;
    double of = 0;
    for (int slot = from; slot < to; slot++) {
      all += born[slot];
      of += stay[slot];
    }
    double sum = 0;
    for (int slot = from; slot < to; slot++) {
      sum += stay[slot] == 0 ? 0 : stay[slot] * Math.log(of / all);
      sum += born[slot] == stay[slot] ? 0 : (born[slot] - stay[slot]) * Math.log(1 - of / all);
    }
    return sum;
  }
}
