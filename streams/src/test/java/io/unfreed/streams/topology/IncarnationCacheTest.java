package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.report.IncarnationState;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IncarnationCacheTest {
  private final IncarnationCache cache = new IncarnationCache(100);
  private final AtomicInteger loads = new AtomicInteger();

  @Test
  void shouldStayBelowItsLimitWhenIncarnationsComeAndNeverEnd() {
    for (int i = 0; i < 10_000; i++) {
      touch("incarnation " + i);
      assertThat(cache.size()).isLessThanOrEqualTo(100);
    }
    assertThat(loads).hasValue(10_000);
    touch("incarnation 9999");
    assertThat(loads).as("the last one is still there").hasValue(10_000);
    touch("incarnation 1");
    assertThat(loads).as("an old one is read again").hasValue(10_001);
  }

  @Test
  void shouldKeepTheIncarnationAtHandWhenItAloneIsTooLarge() {
    IncarnationCache small = new IncarnationCache(1);
    IncarnationState state = state();
    small.get("large", () -> state);
    small.stored("large", state);
    assertThat(small.get("large", IncarnationCacheTest::state)).isSameAs(state);
  }

  private void touch(String name) {
    IncarnationState state =
        cache.get(
            name,
            () -> {
              loads.incrementAndGet();
              return state();
            });
    cache.stored(name, state);
  }

  private static IncarnationState state() {
    IncarnationState state = new IncarnationState(1);
    new Script()
        .alloc(1, 1, 64, 8)
        .alloc(101, 1, 128, 8)
        .statements(LaneOptions.TOPOLOGY)
        .forEach(statement -> state.accept(statement, (report, marker) -> {}));
    return state;
  }
}
