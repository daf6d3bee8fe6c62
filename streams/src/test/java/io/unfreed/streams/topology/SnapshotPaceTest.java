package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SnapshotPaceTest {
  private static final long BYTES = 1000;

  private final SnapshotPace pace = new SnapshotPace(BYTES);
  private long nowNanos;

  @Test
  void shouldBeDueWhenEnoughCameAndLittleOfTheTimeIsSpent() {
    assertThat(pace.isDue(nowNanos)).isFalse();
    pace.applied(BYTES);
    assertThat(pace.isDue(nowNanos)).isTrue();

    take(Duration.ofMillis(100));
    assertThat(isDueAfter(Duration.ofMillis(1800))).isFalse();
    assertThat(isDueAfter(Duration.ofMillis(200))).isTrue();
  }

  @Test
  void shouldTryAgainEverMoreRarelyWhenOneTookTooLong() {
    pace.applied(BYTES);
    assertThat(take(Duration.ofSeconds(5))).as("told once").isTrue();
    assertThat(isDueAfter(Duration.ofSeconds(90))).as("a twentieth of the time").isFalse();
    assertThat(isDueAfter(Duration.ofSeconds(10))).isTrue();

    assertThat(take(Duration.ofSeconds(5))).isFalse();
    assertThat(isDueAfter(Duration.ofSeconds(119))).isFalse();
    assertThat(isDueAfter(Duration.ofSeconds(2))).isTrue();
    for (int i = 0; i < 20; i++) {
      take(Duration.ofSeconds(5));
    }
    assertThat(isDueAfter(Duration.ofMinutes(59))).isFalse();
    assertThat(isDueAfter(Duration.ofMinutes(2))).isTrue();
  }

  @Test
  void shouldBeAsBeforeWhenOneIsQuickAgain() {
    pace.applied(BYTES);
    take(Duration.ofSeconds(9));
    take(Duration.ofMillis(10));

    assertThat(isDueAfter(Duration.ofSeconds(1))).isTrue();
    assertThat(take(Duration.ofSeconds(9))).as("told again").isTrue();
  }

  private boolean take(Duration took) {
    long beganNanos = nowNanos;
    nowNanos += took.toNanos();
    return pace.taken(beganNanos, nowNanos);
  }

  private boolean isDueAfter(Duration duration) {
    pace.applied(BYTES);
    nowNanos += duration.toNanos();
    return pace.isDue(nowNanos);
  }
}
