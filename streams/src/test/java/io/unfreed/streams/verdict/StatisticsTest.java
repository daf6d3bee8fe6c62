package io.unfreed.streams.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Against values counted by hand or found in tables. */
class StatisticsTest {
  @Test
  void shouldCountTheTailWhenACoinIsThrown() {
    assertThat(Statistics.binomialTail(10, 2)).isEqualTo(56 / 1024.0, within(1e-12));
    assertThat(Statistics.binomialTail(20, 3)).isEqualTo(1351 / 1048576.0, within(1e-12));
    assertThat(Statistics.binomialTail(8, 8)).isEqualTo(1);
    assertThat(Statistics.binomialTail(100_000, 50_000)).isEqualTo(0.5, within(0.01));
    assertThat(Statistics.binomialTail(100_000, 100)).isZero();
  }

  @Test
  void shouldCountTheHeadWhenACoinIsUnfair() {
    assertThat(Statistics.binomialHead(10, 8, 0.5)).isEqualTo(56 / 1024.0, within(1e-12));
    assertThat(Statistics.binomialHead(3, 2, 0.1)).isEqualTo(0.028, within(1e-12));
    assertThat(Statistics.binomialHead(3, 0, 0.1)).isEqualTo(1);
    assertThat(Statistics.binomialHead(3, 1, 0)).isZero();
    assertThat(Statistics.binomialHead(3, 3, 1)).isEqualTo(1);
  }

  @Test
  void shouldMatchTheTableWhenTheTailIsNormal() {
    assertThat(Statistics.normalTail(0)).isEqualTo(0.5, within(1e-6));
    assertThat(Statistics.normalTail(Statistics.NINETY_PERCENT)).isEqualTo(0.05, within(1e-6));
    assertThat(Statistics.normalTail(-1.959964)).isEqualTo(0.975, within(1e-6));
  }

  @Test
  void shouldSeeATrendWhenASeriesRises() {
    double[] rising = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

    assertThat(Statistics.risingProbability(rising)).isEqualTo(4.15e-5, within(1e-6));
    assertThat(Statistics.fallingProbability(rising)).isEqualTo(1);
    assertThat(Statistics.risingProbability(5, 5, 5, 5)).isEqualTo(1);
  }

  @Test
  void shouldFindTheSlopeWhenOneValueIsOff() {
    double[] x = {1, 2, 3, 4, 5, 6, 7, 8};
    double[] y = {2, 4, 6, 8, 100, 12, 14, 16};

    Statistics.Slope slope = Statistics.slope(x, y);

    assertThat(slope.middle()).isEqualTo(2);
    assertThat(slope.low()).isLessThanOrEqualTo(2);
    assertThat(slope.high()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void shouldSpreadAsStudentSaysWhenValuesDiffer() {
    // t(.95, 3) = 2.353, deviation 1.2910, means of four and two: 2.353 * 1.2910 * sqrt(3 / 4)
    assertThat(Statistics.spread(1, 2, 3, 4)).isEqualTo(2.631, within(0.05));
    assertThat(Statistics.spread(7, 7, 7, 7)).isZero();
  }

  @Test
  void shouldKnowChiSquareWhenComparedWithTables() {
    assertThat(Statistics.chiSquareBelow(3.841, 1)).isCloseTo(0.95, within(1e-4));
    assertThat(Statistics.chiSquareBelow(7.815, 3)).isCloseTo(0.95, within(1e-4));
    assertThat(Statistics.chiSquareBelow(4.107, 13)).isCloseTo(0.01, within(1e-4));
    assertThat(Statistics.chiSquareBelow(124.342, 100)).isCloseTo(0.95, within(1e-4));
    assertThat(Statistics.chiSquareBelow(0, 4)).isZero();
    assertThat(Statistics.chiSquareBelow(1e6, 4)).isEqualTo(1);
  }
}
