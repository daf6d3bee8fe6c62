package io.unfreed.cli.option;

import io.unfreed.query.UsageException;
import io.unfreed.render.Colour;
import picocli.CommandLine.Option;

/** For whom it is printed, and how much of it is listed. */
public final class ListOptions {
  private static final int USUAL_TOP = 10;

  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Text for people or one line of JSON per report.")
  private OutputOptions.Format format;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = {
        "List this many stacks of a process, and as many processes where text sums them up;",
        "0 for all (default: 10)."
      })
  private Integer givenTop;

  @Option(
      names = "--color",
      paramLabel = "auto|always|never",
      defaultValue = "auto",
      description = "Colour text: auto on a terminal unless NO_COLOR is set (default: auto).")
  private ColourChoice colour;

  /** Refuses what cannot be listed. */
  public void check() {
    if (givenTop != null && givenTop < 0) {
      throw new UsageException("--top " + givenTop + " is negative");
    }
  }

  /** Stacks to list, 0 for all. */
  public int top() {
    return givenTop == null ? USUAL_TOP : givenTop;
  }

  /** The same; null when it was not said. */
  Integer givenTop() {
    return givenTop;
  }

  /** Of text. */
  Colour colour() {
    return colour.choose();
  }

  /** Whether for programs. */
  public boolean isJson() {
    return format == OutputOptions.Format.json;
  }
}
