package io.unfreed.streams.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  @Test
  void shouldInterpolateWithinASlotWhenAskedForAQuantile() {
    long[] slots = new long[LatencyHistogram.SLOTS];
    slots[3] = 50; // 8 to 15 us
    slots[5] = 50; // 32 to 63 us
    LatencyHistogram histogram = new LatencyHistogram(slots, 60_000);

    assertThat(histogram.quantileNanos(0.25)).isEqualTo(12_000);
    assertThat(histogram.quantileNanos(0.50)).isEqualTo(16_000);
    assertThat(histogram.quantileNanos(0.75)).isEqualTo(48_000);
    assertThat(histogram.quantileNanos(0.99)).isEqualTo(60_000); // not above the longest
    assertThat(histogram.first()).isEqualTo(3);
    assertThat(histogram.last()).isEqualTo(5);
  }

  @Test
  void shouldSayNothingTookAnyTimeWhenItIsEmpty() {
    LatencyHistogram histogram = new LatencyHistogram(new long[LatencyHistogram.SLOTS], 0);

    assertThat(histogram.quantileNanos(0.99)).isZero();
    assertThat(histogram.last()).isEqualTo(-1);
    assertThat(LatencyHistogram.fromMicros(0)).isZero();
    assertThat(LatencyHistogram.toMicros(0)).isEqualTo(1);
    assertThat(LatencyHistogram.fromMicros(4)).isEqualTo(16);
    assertThat(LatencyHistogram.toMicros(4)).isEqualTo(31);
  }

  @Test
  void shouldBeOffByLessThanAFactorOfTwoWhateverTheLatenciesAre() {
    Random random = new Random(13);
    long[] nanos = random.doubles(5000).mapToLong(d -> (long) Math.exp(7 + d * 14)).toArray();
    long[] slots = new long[LatencyHistogram.SLOTS];
    for (long n : nanos) {
      slots[63 - Long.numberOfLeadingZeros(Math.max(1, n / 1000))]++;
    }
    Arrays.sort(nanos);
    LatencyHistogram histogram = new LatencyHistogram(slots, nanos[nanos.length - 1]);
    for (double part : new double[] {0.5, 0.9, 0.95, 0.99}) {
      double exact = nanos[(int) Math.ceil(part * nanos.length) - 1];
      assertThat(histogram.quantileNanos(part) / exact).isBetween(0.5, 2.0);
    }
  }
}
