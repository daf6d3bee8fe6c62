package io.unfreed.cli.option;

import io.unfreed.render.Colour;
import java.util.Map;

/** When text is coloured. */
enum ColourChoice {
  auto,
  always,
  never;

  Colour choose() {
    return choose(System.getenv(), Terminals.isOutTerminal());
  }

  /** As no-color.org has it: any value of NO_COLOR but an empty one. */
  Colour choose(Map<String, String> environment, boolean isTerminal) {
    boolean isRefused =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return switch (this) {
      case auto -> isTerminal && !isRefused ? Colour.ON : Colour.OFF;
      case always -> Colour.ON;
      case never -> Colour.OFF;
    };
  }
}
