package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How old answers are that have to be read anew whenever something was recorded. */
class PacedVersionTest {
  private Object newest = "a";
  private long nowNanos = 1_000;
  private final PacedVersion version = new PacedVersion(() -> newest, () -> nowNanos);

  @Test
  void shouldTakeUpALaterVersionAtOnceWhenNothingWasRead() {
    assertThat(version.now()).isEqualTo("a");
    newest = "b";
    assertThat(version.now()).isEqualTo("b");
  }

  @Test
  void shouldGoOnAnsweringAsOfAVersionForTenTimesAsLongAsReadingItTook() {
    version.now();
    version.took("a", 100);
    version.took("a", 60);
    version.took("long ago", 5_000);
    newest = "b";

    nowNanos += 999;
    assertThat(version.now()).isEqualTo("a");
    nowNanos += 1;
    assertThat(version.now()).isEqualTo("b");

    newest = "c";
    assertThat(version.now()).as("nothing was read as of b").isEqualTo("c");
  }
}
