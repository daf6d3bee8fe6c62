package io.unfreed.bpf.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTrendTest {
  private final MemoryTrend trend = new MemoryTrend(10);

  @Test
  void shouldSuspectAProcessWhenItRoseThreeTimesAndHoldsMoreThanAllowed() {
    for (long outstanding : new long[] {9, 10, 11}) {
      look(outstanding);
      assertThat(trend.suspects()).isEmpty();
    }
    look(12);
    assertThat(trend.suspects()).containsExactly(7);
    look(12);
    assertThat(trend.suspects()).isEmpty();
  }

  @Test
  void shouldSuspectNobodyWhenItRisesBelowTheLimit() {
    for (long outstanding = 1; outstanding <= 10; outstanding++) {
      look(outstanding);
    }
    assertThat(trend.suspects()).isEmpty();
  }

  private void look(long outstanding) {
    trend.look(List.of(new TraceMemory(7, "x", outstanding + 5, 0, 5, 0)));
  }
}
