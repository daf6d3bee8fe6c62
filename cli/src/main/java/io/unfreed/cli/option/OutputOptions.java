package io.unfreed.cli.option;

import io.unfreed.query.PublishedReports;
import io.unfreed.query.Suppressions;
import io.unfreed.query.UsageException;
import io.unfreed.render.ChosenJson;
import io.unfreed.render.ChosenPrinter;
import io.unfreed.render.ChosenText;
import io.unfreed.render.JsonReports;
import io.unfreed.render.ReportPrinter;
import io.unfreed.render.Shape;
import io.unfreed.render.TextReports;
import io.unfreed.render.trace.TraceJson;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceShape;
import io.unfreed.render.trace.TraceText;
import io.unfreed.schemas.Session;
import java.io.PrintStream;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How reports are printed. */
public final class OutputOptions {
  private static final int USUAL_TOP = 10;

  /** Formats of reports. */
  public enum Format {
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
      description = {
        "List this many stacks of a process, and as many processes where text sums them up;",
        "0 for all (default: 10)."
      })
  private Integer givenTop;

  @Option(
      names = "--sort",
      paramLabel = "leak|bytes|count|allocations|temporary",
      defaultValue = "leak",
      description = {
        "What is listed first: what leaks fastest, then most bytes; or most bytes, blocks or",
        "allocations alone; or most temporary allocations, also of stacks that hold nothing",
        "(default: ${DEFAULT-VALUE})."
      })
  private Shape.Sort sort;

  @Option(
      names = "--limit",
      paramLabel = "BYTES",
      converter = ByteSizes.class,
      description = {
        "Tell when leaks will meet this limit of memory: 512m, 2g (default: what the control",
        "groups of the process allowed when it was recorded)."
      })
  private Long limitBytes;

  @Option(
      names = "--color",
      paramLabel = "auto|always|never",
      defaultValue = "auto",
      description = "Colour text: auto on a terminal unless NO_COLOR is set (default: auto).")
  private ColourChoice colour;

  @Option(
      names = "--suppressions",
      paramLabel = "FILE",
      description = {
        "Do not list stacks that match a line leak:PATTERN, as LeakSanitizer takes them, and say",
        "how much they hold; lines that came with a heaptrack file count, too."
      })
  private Path suppressionFile;

  private Suppressions suppressions = Suppressions.NONE;

  /** Refuses what cannot be printed, and reads the suppressions. */
  public void check() {
    suppressions = Suppressions.read(suppressionFile);
    if (limitBytes != null && limitBytes <= 0) {
      throw new UsageException("--limit " + limitBytes + " is not positive");
    }
    if (givenTop != null && givenTop < 0) {
      throw new UsageException("--top " + givenTop + " is negative");
    }
  }

  /** Stacks to list, 0 for all. */
  public int top() {
    return givenTop == null ? USUAL_TOP : givenTop;
  }

  /** Whether stacks beyond those that are listed are looked at. */
  private boolean hidesAnything(Session session) {
    return !suppressions.with(session.getSuppressions()).isEmpty();
  }

  /** Whether what was published about a session lists fewer stacks than are looked at. */
  public boolean isCut(PublishedReports published, Session session, boolean withTicks) {
    int asked = hidesAnything(session) ? 0 : top();
    return sort == Shape.Sort.temporary
        ? published.isCutOfTemporary(session.getSessionId(), withTicks, asked)
        : published.isCut(session.getSessionId(), withTicks, asked);
  }

  /** Names lines that matched nothing. */
  public void tellUnused(PrintStream err) {
    suppressions
        .unused()
        .forEach(line -> err.printf("unfreed: %s: %s matches nothing%n", suppressionFile, line));
  }

  /** Whether for programs. */
  public boolean isJson() {
    return format == Format.json;
  }

  /** Prints reports. */
  public ReportPrinter printer(PrintStream out) {
    Shape shape = new Shape(top(), sort, limitBytes, colour.choose(), suppressions);
    return isJson() ? new JsonReports(out, shape) : new TextReports(out, shape);
  }

  /** For what tracers counted. */
  public TracePrinter tracePrinter(PrintStream out) {
    TraceShape shape = new TraceShape(givenTop);
    return isJson() ? new TraceJson(out, shape) : new TraceText(out, shape);
  }

  /** Prints chosen blocks. */
  public ChosenPrinter chosenPrinter(PrintStream out) {
    return isJson() ? new ChosenJson(out, top()) : new ChosenText(out, top());
  }
}
