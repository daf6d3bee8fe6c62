package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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

  /** A reading may take longer than what is read takes to change. */
  @Test
  void shouldGoOnAnsweringAsOfAVersionWhileItIsRead() throws Exception {
    version.now();
    version.reading(
        "a",
        () -> {
          newest = "b";
          nowNanos += 5_000;
          assertThat(version.now()).isEqualTo("a");
          version.took("a", 5_000);
          return null;
        });

    nowNanos += 44_999;
    assertThat(version.now()).as("ten times as long, from when a was taken up").isEqualTo("a");
    nowNanos += 1;
    assertThat(version.now()).isEqualTo("b");
  }

  @Test
  void shouldTakeUpALaterVersionThoughThereIsAlwaysAReading() throws Exception {
    version.now();
    version.reading(
        "a",
        () ->
            version.reading(
                "a",
                () -> {
                  newest = "b";
                  nowNanos += 100;
                  version.took("a", 100);
                  assertThat(version.now()).isEqualTo("a");
                  nowNanos += 900;
                  assertThat(version.now()).isEqualTo("b");
                  newest = "c";
                  assertThat(version.now()).as("nothing was read as of b").isEqualTo("c");
                  return null;
                }));
    newest = "d";
    assertThat(version.now()).isEqualTo("d");
  }

  @Test
  void shouldTakeUpALaterVersionWhenAReadingFailed() {
    version.now();
    newest = "b";

    assertThatThrownBy(() ->
            version.reading(
                "a",
                () -> {
                  throw new IOException("no such file");
                }))
        .isInstanceOf(IOException.class);
    assertThat(version.now()).isEqualTo("b");
  }

  @Test
  void shouldNotBeHeldByAReadingOfAnEarlierVersion() throws Exception {
    version.now();
    newest = "b";
    assertThat(version.now()).isEqualTo("b");
    newest = "c";

    version.reading("a", () -> assertThat(version.now()).isEqualTo("c"));
    newest = "d";
    assertThat(version.now()).isEqualTo("d");
  }
}
