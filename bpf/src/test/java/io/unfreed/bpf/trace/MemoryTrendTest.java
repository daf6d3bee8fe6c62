package io.unfreed.bpf.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTrendTest {
  private final MemoryTrend trend = new MemoryTrend();

  @Test
  void shouldCountTheLooksAtWhichAProcessHeldMoreThanBefore() {
    assertThat(trend.rises(7)).isZero();
    int rises = 0;
    for (long outstanding : new long[] {9, 10, 11, 12}) {
      look(outstanding);
      assertThat(trend.rises(7)).isEqualTo(rises++);
    }
    look(12);
    assertThat(trend.rises(7)).isZero();
  }

  private void look(long outstanding) {
    trend.look(List.of(new TraceMemory(7, "x", outstanding + 5, 0, 5, 0)));
  }
}
