package io.unfreed.shim.arena;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.shim.ShimLibrary;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Stamps as CLOCK_MONOTONIC. */
class StampClockTest {
  private static final long OFF_NANOS = 2_000_000;

  @BeforeAll
  static void assumeLibrary() {
    TestArena.assumeLibrary();
  }

  @Test
  void shouldFollowTheMonotonicClockWithoutStepsBackWhenItIsAdjusted() throws Exception {
    if (!StampClock.isTscReliable()) {
      System.err.println("nothing to test: stamps are nanoseconds on this machine");
      return;
    }
    StampClock clock = new StampClock(ShimLibrary.nativeSide(), true);
    long end = System.nanoTime() + 1_300_000_000L; // beyond the first two adjustments
    long last = Long.MIN_VALUE;
    while (last < end) {
      clock.adjust();
      long before = System.nanoTime();
      long told = clock.nanos(clock.now());
      long after = System.nanoTime();
      assertThat(told)
          .isBetween(before - OFF_NANOS, after + OFF_NANOS)
          .isGreaterThanOrEqualTo(last);
      last = told;
    }
  }

  @Test
  void shouldTellTimesBeforeItsBeginning() throws Exception {
    if (!StampClock.isTscReliable()) {
      System.err.println("nothing to test: stamps are nanoseconds on this machine");
      return;
    }
    long earlier = ShimLibrary.nativeSide().stamp();
    long nanos = System.nanoTime();
    StampClock clock = new StampClock(ShimLibrary.nativeSide(), true);
    assertThat(clock.nanos(earlier)).isBetween(nanos - 50 * OFF_NANOS, nanos + OFF_NANOS);
    assertThat(clock.nanos(earlier)).isLessThan(clock.nanos(clock.now()));
  }

  @Test
  void shouldPassNanosecondsThroughWithoutACounter() throws Exception {
    StampClock clock = new StampClock(ShimLibrary.nativeSide(), false);
    clock.adjust();
    assertThat(clock.nanos(12_345)).isEqualTo(12_345);
    long before = System.nanoTime();
    assertThat(clock.now()).isBetween(before, System.nanoTime() + OFF_NANOS);
  }
}
