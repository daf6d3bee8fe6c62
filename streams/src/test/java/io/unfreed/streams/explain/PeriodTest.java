package io.unfreed.streams.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeriodTest {
  private static final long SECOND = 1_000_000_000L;

  private final Random random = new Random(815);

  @Test
  void shouldSayHowOftenWhenOneBlockComesEveryEightSeconds() {
    long[] times = new long[20];
    for (int i = 0; i < times.length; i++) {
      times[i] = 8 * SECOND * i + random.nextInt(3_000_000);
    }

    Period period = Period.of(times);

    assertThat(period.everyNanos() / 1e9).isCloseTo(8, within(0.01));
    assertThat(period.blocks()).isEqualTo(1);
  }

  @Test
  void shouldTakeABurstForOneTimeWhenItsBlocksComeTogether() {
    long[] times = new long[600];
    for (int i = 0; i < times.length; i++) {
      times[i] = 5 * SECOND * (i / 30) + random.nextInt(20_000_000);
    }
    Arrays.sort(times);

    Period period = Period.of(times);

    assertThat(period.everyNanos() / 1e9).isCloseTo(5, within(0.05));
    assertThat(period.blocks()).isCloseTo(30, within(0.5));
  }

  @Test
  void shouldSayNothingWhenBlocksComeAtRandom() {
    for (int trial = 0; trial < 200; trial++) {
      long[] times = new long[10 + random.nextInt(1000)];
      long now = 0;
      for (int i = 0; i < times.length; i++) {
        now += (long) (-SECOND * Math.log(1 - random.nextDouble()));
        times[i] = now;
      }
      assertThat(Period.of(times)).as("trial " + trial).isNull();
    }
  }

  @Test
  void shouldSayNothingWhenThereAreTooFew() {
    assertThat(Period.of()).isNull();
    assertThat(Period.of(1, 2, 3)).isNull();
    assertThat(Period.of(new long[100])).isNull();
  }
}
