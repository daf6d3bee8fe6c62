package io.unfreed.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.render.Colour;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ColourChoiceTest {
  @Test
  void shouldColourATerminalUnlessNoColorIsSet() {
    assertThat(ColourChoice.auto.choose(Map.of(), true)).isEqualTo(Colour.ON);
    assertThat(ColourChoice.auto.choose(Map.of("NO_COLOR", ""), true)).isEqualTo(Colour.ON);
    assertThat(ColourChoice.auto.choose(Map.of("NO_COLOR", "1"), true)).isEqualTo(Colour.OFF);
    assertThat(ColourChoice.auto.choose(Map.of("TERM", "dumb"), true)).isEqualTo(Colour.OFF);
    assertThat(ColourChoice.auto.choose(Map.of(), false)).isEqualTo(Colour.OFF);
  }

  @Test
  void shouldDoAsToldWhenAsked() {
    assertThat(ColourChoice.always.choose(Map.of("NO_COLOR", "1"), false)).isEqualTo(Colour.ON);
    assertThat(ColourChoice.never.choose(Map.of(), true)).isEqualTo(Colour.OFF);
  }
}
