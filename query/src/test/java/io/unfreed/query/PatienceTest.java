package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** How long is waited for a service that is behind. */
class PatienceTest {
  private static final long SECOND = 1_000_000_000L;

  /** Nanoseconds until it is over, when so much is left after a time. */
  private static long waited(LongUnaryOperator leftAfterNanos) {
    long nowNanos = 5;
    Patience patience = new Patience(nowNanos);
    while (true) {
      Duration pause = patience.pause(nowNanos, leftAfterNanos.applyAsLong(nowNanos - 5));
      if (pause.isZero()) {
        return nowNanos - 5;
      }
      nowNanos += pause.toNanos();
    }
  }

  @Test
  void shouldWaitTwoSecondsWhereItComesNoNearer() {
    assertThat(waited(nanos -> 0)).isBetween(2 * SECOND, 3 * SECOND);
    assertThat(waited(nanos -> 1000)).isBetween(2 * SECOND, 3 * SECOND);
    assertThat(waited(nanos -> 1000 + nanos)).isBetween(2 * SECOND, 3 * SECOND);
  }

  @Test
  void shouldWaitAsLongAsItComesNearerButNotForEver() {
    assertThat(waited(nanos -> Math.max(0, 7 - nanos / SECOND))).isBetween(9 * SECOND, 10 * SECOND);
    assertThat(waited(nanos -> Long.MAX_VALUE - 1 - nanos)).isBetween(30 * SECOND, 31 * SECOND);
  }
}
