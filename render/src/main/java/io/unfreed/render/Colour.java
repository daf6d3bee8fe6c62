package io.unfreed.render;

/** Colours of a terminal (ECMA-48), or none. */
public enum Colour {
  /** Text as it is. */
  OFF,
  /** What leaks is bold and red, headings are bold, what explains stands back. */
  ON;

  private static final String RESET = "\u001b[0m";

  String leak(String text) {
    return painted("\u001b[1;31m", text);
  }

  String heading(String text) {
    return painted("\u001b[1m", text);
  }

  String quiet(String text) {
    return painted("\u001b[2m", text);
  }

  private String painted(String start, String text) {
    return this == OFF || text.isEmpty() ? text : start + text + RESET;
  }
}
