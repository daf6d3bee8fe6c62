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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How reports are printed. */
public final class OutputOptions {
  /** Formats of reports. */
  public enum Format {
    text,
    json
  }

  @Mixin private ListOptions list;

  @Option(
      names = "--sort",
      paramLabel = "leak|bytes|count|allocations|temporary",
      description = {
        "What is listed first: what leaks fastest, then most bytes; or most bytes, blocks or",
        "allocations alone; or most temporary allocations, also of stacks that hold nothing",
        "(default: leak)."
      })
  private Shape.Sort givenSort;

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
    list.check();
  }

  /** Refuses what says nothing of chosen blocks, which come most bytes first: so may be asked. */
  public void checkChosen() {
    if (ofStacks() != null && !(givenSort == Shape.Sort.bytes && ofVerdicts() == null)) {
      String name = ofVerdicts() == null ? ofStacks() : ofVerdicts();
      throw new UsageException(
          name + " goes with none of --born, --freed, --group-by, --function, --module");
    }
  }

  /** Whether anything was said that is about stacks and verdicts alone. */
  public boolean isOfStacks() {
    return ofStacks() != null;
  }

  private String ofStacks() {
    return givenSort == null ? ofVerdicts() : "--sort " + givenSort;
  }

  private String ofVerdicts() {
    return limitBytes != null ? "--limit" : suppressionFile != null ? "--suppressions" : null;
  }

  /** Stacks to list, 0 for all. */
  public int top() {
    return list.top();
  }

  private Shape.Sort sort() {
    return givenSort == null ? Shape.Sort.leak : givenSort;
  }

  /** Whether stacks beyond those that are listed are looked at. */
  private boolean hidesAnything(Session session) {
    return !suppressions.with(session.getSuppressions()).isEmpty();
  }

  /** Whether what was published about a session lists fewer stacks than are looked at. */
  public boolean isCut(PublishedReports published, Session session, boolean withTicks) {
    int asked = hidesAnything(session) ? 0 : top();
    return sort() == Shape.Sort.temporary
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
    return list.isJson();
  }

  /** Prints reports. */
  public ReportPrinter printer(PrintStream out) {
    Shape shape = new Shape(top(), sort(), limitBytes, list.colour(), suppressions);
    return isJson() ? new JsonReports(out, shape) : new TextReports(out, shape);
  }

  /** For what tracers counted. */
  public TracePrinter tracePrinter(PrintStream out) {
    TraceShape shape = new TraceShape(list.givenTop());
    return isJson() ? new TraceJson(out, shape) : new TraceText(out, shape);
  }

  /** Prints chosen blocks. */
  public ChosenPrinter chosenPrinter(PrintStream out) {
    return isJson() ? new ChosenJson(out, top()) : new ChosenText(out, top());
  }
}
