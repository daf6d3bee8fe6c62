package io.unfreed.streams.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurvivalCurveTest {
  @Test
  void shouldHoldEveryAgeWhenItIsPutIntoABin() {
    Random random = new Random(815);
    for (int i = 0; i < 100_000; i++) {
      long age = random.nextLong(Long.MAX_VALUE) >> random.nextInt(62);
      int bin = AgeBins.of(age);
      assertThat(AgeBins.from(bin)).isLessThanOrEqualTo(age);
      assertThat(AgeBins.of(AgeBins.from(bin))).isEqualTo(bin);
      assertThat(bin + 1 == AgeBins.COUNT || AgeBins.from(bin + 1) > age).isTrue();
    }
    assertThat(AgeBins.of(-5)).isZero();
    assertThat(AgeBins.of(Long.MAX_VALUE)).isEqualTo(AgeBins.COUNT - 1);
  }

  /**
   * Of four blocks one is freed at 1; one is there, seen up to 2; of the rest one is freed at 3.
   */
  @Test
  void shouldCountABlockUntilItWasSeenWhenItIsStillThere() {
    long[] freed = new long[AgeBins.COUNT];
    long[] other = new long[AgeBins.COUNT];
    freed[1] = 1;
    other[2] = 1;
    freed[3] = 1;
    other[7] = 1;

    List<SurvivalCurve.Point> curve = SurvivalCurve.of(freed, other);

    assertThat(curve).extracting(SurvivalCurve.Point::reached).containsExactly(4L, 3L, 2L, 1L);
    assertThat(curve.get(0).share()).isEqualTo(0.75);
    assertThat(curve.get(1).share()).isEqualTo(0.75);
    assertThat(curve.get(3).share()).isCloseTo(0.375, within(1e-12));
  }

  @Test
  void shouldBeTheShareAliveWhenEveryBlockIsSeenToItsEnd() {
    Random random = new Random(4711);
    long[] freed = new long[AgeBins.COUNT];
    int blocks = 1000;
    for (int i = 0; i < blocks; i++) {
      freed[AgeBins.of(random.nextInt(100_000))]++;
    }

    long left = blocks;
    for (SurvivalCurve.Point point : SurvivalCurve.of(freed, new long[AgeBins.COUNT])) {
      assertThat(point.reached()).isEqualTo(left);
      left -= point.freed();
      assertThat(point.share()).isCloseTo((double) left / blocks, within(1e-9));
    }
    assertThat(left).isZero();
  }
}
