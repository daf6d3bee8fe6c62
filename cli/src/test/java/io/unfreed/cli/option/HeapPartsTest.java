package io.unfreed.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapPartsTest {
  private static final long HEAP = 1000L << 20;

  private final HeapParts parts = new HeapParts(HEAP);

  @Test
  void shouldBeAPartOfTheHeapWhenGivenInPercent() {
    assertThat(parts.convert("40%")).isEqualTo(400L << 20);
    assertThat(parts.convert("100%")).isEqualTo(HEAP);
  }

  @Test
  void shouldBeBytesWhenGivenAsASize() {
    assertThat(parts.convert("64m")).isEqualTo(64L << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0%", "1000k"})
  void shouldBeRefusedWhenNothingFitsIntoIt(String text) {
    assertThatThrownBy(() -> parts.convert(text)).hasMessage("'" + text + "' is less than 1m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"101%", "999%", "2g"})
  void shouldBeRefusedWhenTheHeapHasLess(String text) {
    assertThatThrownBy(() -> parts.convert(text))
        .hasMessageContaining("'" + text + "' is more than the heap, which has 1000m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"half", "%", "-5%", "1.5%", "1000%"})
  void shouldBeRefusedWhenItIsNoSize(String text) {
    assertThatThrownBy(() -> parts.convert(text)).hasMessageContaining("'" + text + "' is no size");
  }
}
