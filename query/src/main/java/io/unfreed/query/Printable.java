package io.unfreed.query;

/** {@link io.unfreed.schemas.text.Printable} for the commands. */
public final class Printable {
  private Printable() {}

  /** The text in one line that steers nothing. */
  public static String of(String text) {
    return io.unfreed.schemas.text.Printable.of(text);
  }

  /** A line of JSON that says the same and steers nothing. */
  public static String ofJson(String line) {
    return io.unfreed.schemas.text.Printable.ofJson(line);
  }
}
