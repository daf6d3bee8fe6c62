package io.unfreed.cli.command;

import io.unfreed.query.UsageException;
import io.unfreed.render.ChosenJson;
import io.unfreed.render.ChosenPrinter;
import io.unfreed.render.ChosenText;
import io.unfreed.render.JsonReports;
import io.unfreed.render.ReportPrinter;
import io.unfreed.render.TextReports;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** How reports are printed. */
final class OutputOptions {
  /** Formats of reports. */
  enum Format {
    text,
    json
  }

  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Text for people or one line of JSON per report.")
  private Format format;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = {
        "List this many stacks of a process, and as many processes where text sums them up;",
        "0 for all (default: ${DEFAULT-VALUE})."
      })
  private int top;

  void check() {
    if (top < 0) {
      throw new UsageException("--top " + top + " is negative");
    }
  }

  /** Stacks to list, 0 for all. */
  int top() {
    return top;
  }

  boolean isJson() {
    return format == Format.json;
  }

  ReportPrinter printer(PrintStream out) {
    return isJson() ? new JsonReports(out, top) : new TextReports(out, top);
  }

  ChosenPrinter chosenPrinter(PrintStream out) {
    return isJson() ? new ChosenJson(out, top) : new ChosenText(out, top);
  }
}
