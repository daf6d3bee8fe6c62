package io.unfreed.render;

import io.unfreed.query.BlockGroup;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.GroupBy;
import io.unfreed.query.StackBook;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.Window;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Chosen blocks as text, most bytes first. */
public final class ChosenText implements ChosenPrinter {
  private final PrintStream out;
  private final int top;
  private final TextReports reports;

  /** Prints to {@code out}, listing {@code top} groups, 0 for all. */
  public ChosenText(PrintStream out, int top) {
    this.out = out;
    this.top = top;
    this.reports = new TextReports(out, top);
  }

  @Override
  public void print(
      Session session, ChosenBlocks chosen, Collection<Mark> marks, StackBook stacks) {
    IncarnationReport report = chosen.report();
    List<BlockGroup> listed = ChosenJson.listed(chosen, top);
    out.printf(
        "[%s] Top %d %s, blocks %s:%n",
        TextReports.moment(session, report.atNanos()),
        listed.size(),
        what(chosen.groupBy()),
        which(chosen));
    if (report.process().getTgid() != null) {
      String from = RecordedFromText.of(report.process());
      out.printf(
          "    process %d%s%s%n", report.process().getTgid(), from, TextReports.command(report));
    }
    for (BlockGroup group : listed) {
      out.printf(
          "        %d bytes in %d allocations %s%n",
          group.numbers().chosenBytes(),
          group.numbers().chosenCount(),
          Printable.of(name(chosen.groupBy(), group.name())));
      printFrames(group.name(), stacks);
    }
    BlockNumbers all = chosen.all();
    Counts counts = all.counts();
    out.printf(
        "    selected: %d bytes in %d allocations; of %d born then, %d were freed%n",
        all.chosenBytes(), all.chosenCount(), counts.allocations(), counts.frees());
    reports.printTotals(session, report);
    MarkList.print(out, session, MarkList.of(report, marks), top);
  }

  @Override
  public void end(Session session) {
    reports.end(session);
  }

  private void printFrames(BlockGroup.Name name, StackBook stacks) {
    switch (name) {
      case BlockGroup.Stack stack -> reports.printFrames(stack.key().stack().stackId(), stacks);
      case BlockGroup.FreeStack stack when stack.key().releaser() != null ->
          reports.printFrames(stack.key().releaser(), stacks);
      case BlockGroup.FreeStack _,
          BlockGroup.Function _,
          BlockGroup.Text _,
          BlockGroup.Numbered _ -> {}
    }
  }

  static String what(GroupBy groupBy) {
    return switch (groupBy.kind()) {
      case STACK -> "stacks";
      case CALLER -> "callers, " + groupBy.callers() + " above the allocation";
      case FUNCTION -> "functions";
      case FILE -> "files";
      case MODULE -> "modules";
      case THREAD -> "threads";
      case SIZE -> "sizes";
      case SPACE -> "spaces";
      case PROCESS -> "processes";
      case FREE_STACK -> "stacks that freed";
    };
  }

  private static String which(ChosenBlocks chosen) {
    Window born = chosen.question().born();
    Window freed = chosen.question().freed();
    String then = born.equals(Window.ALWAYS) ? "" : "born " + text(born) + " and ";
    return then + (freed == null ? "outstanding" : "freed " + text(freed));
  }

  private static String text(Window window) {
    if (window.equals(Window.ALWAYS)) {
      return "at any time";
    }
    return "["
        + (window.fromNanos() == Long.MIN_VALUE ? "" : since(window.fromNanos()))
        + ".."
        + (window.toNanos() == Long.MAX_VALUE ? "" : since(window.toNanos()))
        + ")";
  }

  private static String since(long nanos) {
    return String.format(Locale.ROOT, "+%.3fs", nanos / 1e9);
  }

  static String name(GroupBy groupBy, BlockGroup.Name name) {
    return switch (name) {
      case BlockGroup.Stack stack ->
          "from stack"
              + (stack.key().stack().space() == io.unfreed.streams.ledger.AddressSpace.HEAP
                  ? ""
                  : " (" + stack.key().stack().space().label() + ")");
      case BlockGroup.FreeStack stack ->
          stack.key().releaser() == null ? "freed by nobody" : "freed by stack";
      case BlockGroup.Function function -> "from " + text(function);
      case BlockGroup.Text text when groupBy.kind() == GroupBy.Kind.PROCESS ->
          "of process " + text.text();
      case BlockGroup.Text text -> "from " + (text.text() == null ? "unknown" : text.text());
      case BlockGroup.Numbered number ->
          groupBy.kind() == GroupBy.Kind.SIZE
              ? "of " + number.number() + " bytes"
              : "by thread " + number.number();
    };
  }

  private static String text(BlockGroup.Function function) {
    String name = function.symbol() == null ? function.address() : function.symbol();
    if (name == null && function.module() == null) {
      return "unknown";
    }
    String module = function.module() == null ? null : FrameText.baseName(function.module());
    return (name == null ? "??" : name) + (module == null ? "" : " [" + module + "]");
  }
}
