package io.unfreed.schemas.text;

/**
 * Recorded texts as they may be printed: a program chooses its own command line and the names in
 * its frames, and must not write lines of a report or steer a terminal with them.
 */
public final class Printable {
  private Printable() {}

  /**
   * The text in one line: characters that control or order what is printed are written as {@code
   * \\n}, {@code \\x1b}, {@code \\u202e}. Any other text stays what it is.
   */
  public static String of(String text) {
    if (text.codePoints().noneMatch(Printable::isControl)) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    text.codePoints().forEach(c -> append(out, c));
    return out.toString();
  }

  /**
   * A line of JSON that says the same, in which the characters above are written as {@code
   * \\u202e}: they stand in texts only, where that is another way to write them.
   */
  public static String ofJson(String line) {
    if (line.codePoints().noneMatch(Printable::isControl)) {
      return line;
    }
    StringBuilder out = new StringBuilder();
    line.codePoints()
        .forEach(c -> {
          if (isControl(c)) {
            new String(Character.toChars(c))
                .chars()
                .forEach(u -> out.append("\\u%04x".formatted(u)));
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }

  private static void append(StringBuilder out, int c) {
    if (!isControl(c)) {
      out.appendCodePoint(c);
      return;
    }
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append((c < 0x100 ? "\\x%02x" : "\\u%04x").formatted(c));
    }
  }

  private static boolean isControl(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
