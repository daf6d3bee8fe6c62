package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.Selected;
import io.unfreed.streams.verdict.Verdict;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reports as memleak's users know them, most bytes first (docs/contract.md, section 8). */
public final class TextReports implements ReportPrinter {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  /** So many stacks of a leak are listed. */
  private static final int SPREAD = 3;

  private final PrintStream out;
  private final Shape shape;
  private Collection<Mark> marks = List.of();

  /** Prints to {@code out}, listing {@code top} stacks of a process, 0 for all. */
  public TextReports(PrintStream out, int top) {
    this(out, Shape.ofTop(top));
  }

  /** Prints to {@code out} what the shape says. */
  public TextReports(PrintStream out, Shape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void know(Collection<Mark> named) {
    marks = named;
  }

  @Override
  public void print(Session session, IncarnationReport report, StackBook stacks) {
    Hidden hidden = Hidden.of(session, report, stacks, shape.suppressions());
    List<ListEntry> listed = shape.entries(report, stacks, hidden);
    out.printf(
        "[%s] Top %d stacks with %s allocations:%n",
        moment(session, report.atNanos()),
        listed.size(),
        shape.isOfTemporary() ? "temporary" : "outstanding");
    if (report.process().getTgid() != null) {
      String from = RecordedFromText.of(report.process());
      out.printf("    process %d%s%s%n", report.process().getTgid(), from, command(report));
    }
    Told told = new Told(report, stacks, new WhoFrees(report, stacks), shape.limitBytes(session));
    ListEntry.Part part = ListEntry.Part.REST;
    for (ListEntry entry : listed) {
      if (entry.part() != part) {
        part = entry.part();
        out.println("    " + shape.colour().heading(part.heading()));
      }
      switch (entry) {
        case ListEntry.Stack stack -> printStack(stack.numbers(), told);
        case ListEntry.Spread spread -> printLeak(spread.leak(), told);
      }
    }
    if (shape.isOfTemporary() && report.totals().temporaryAllocations() == null) {
      out.println("    temporary allocations are not known: not every call of a thread is seen");
    }
    printTotals(session, report);
    if (hidden.isAsked()) {
      out.println(hidden.line());
    }
    MarkList.print(out, session, MarkList.of(report, marks), shape.top());
  }

  @Override
  public void end(Session session) {
    SessionSource.print(session, out);
  }

  /**
   * Those of a tick and of the processes that ended since the tick before are one moment, also
   * those behind the last tick; without ticks all are one.
   */
  @Override
  public void printAll(Session session, List<IncarnationReport> reports, StackBook stacks) {
    ProcessSummary all = new ProcessSummary();
    ReportMoment moment = new ReportMoment(shape.top());
    int moments = 0;
    Long boundaryNanos = null;
    for (IncarnationReport report : reports) {
      if (boundaryNanos != null && report.atNanos() > boundaryNanos) {
        moment.print(session, this, stacks);
        moment = new ReportMoment(shape.top());
        boundaryNanos = null;
        moments++;
      }
      moment.add(report);
      all.add(report);
      if (report.tick() != null) {
        boundaryNanos = report.atNanos();
      }
    }
    moment.print(session, this, stacks);
    if (moments > 0) {
      printWhole(session, reports.getLast().atNanos(), all);
    }
  }

  @Override
  public ReportFeed follow(Session session, StackBook stacks, Set<String> known) {
    return new MomentFeed(session, this, stacks, known, System::nanoTime);
  }

  /** Stacks listed of each process, and processes when they are many; 0 for all. */
  int top() {
    return shape.top();
  }

  /** After several moments of many processes: each as it was seen last. */
  void printWhole(Session session, Long atNanos, ProcessSummary all) {
    if (all.processes() > ReportMoment.FEW) {
      printSummary(session, atNanos, "In all " + all.title() + " at last, by command:", all);
    }
  }

  /** Prints what many processes hold together. */
  void printSummary(Session session, Long atNanos, String title, ProcessSummary summary) {
    out.printf("[%s] %s%n", moment(session, atNanos), title);
    summary.print(session, out);
  }

  /** Says how many processes were left out of the list. */
  void printMore(long processes) {
    if (processes > 0) {
      out.printf(
          "    %d more %s outstanding allocations: --top 0 lists all%n",
          processes, processes == 1 ? "process has" : "processes have");
    }
  }

  /** What is told of. */
  private record Told(
      IncarnationReport report, StackBook book, WhoFrees freeing, Long limitBytes) {}

  private void printStack(StackNumbers stack, Told told) {
    String held =
        "%d bytes in %d allocations from stack%s"
            .formatted(stack.outstandingBytes(), stack.outstandingCount(), space(stack));
    printVerdict(
        shape.isOfTemporary()
            ? "%d temporary of %d allocations; outstanding: %s"
                .formatted(stack.temporaryAllocations(), stack.allocations(), held)
            : held,
        stack.verdict(),
        List.of(stack),
        told);
    printFrames(stack.key().stackId(), told.book());
  }

  /** A leak over several stacks, and below it some of them. */
  private void printLeak(ReportedLeak leak, Told told) {
    printVerdict(
        "%d bytes in %d allocations from %d stacks"
            .formatted(leak.outstandingBytes(), leak.outstandingCount(), leak.stacks().size()),
        leak.verdict(),
        leak.stacks(),
        told);
    if (leak.frame() != null) {
      out.println("            in common: " + FrameText.of(leak.frame()));
    }
    int listed = shape.top() == 0 ? leak.stacks().size() : Math.min(SPREAD, leak.stacks().size());
    for (StackNumbers stack : leak.stacks().subList(0, listed)) {
      out.printf(
          "            %d bytes in %d allocations from stack%s%n",
          stack.outstandingBytes(), stack.outstandingCount(), space(stack));
      printFrames(stack.key().stackId(), told.book());
    }
    if (listed < leak.stacks().size()) {
      out.printf("            %d more stacks: --top 0 lists all%n", leak.stacks().size() - listed);
    }
  }

  private void printVerdict(String what, Verdict verdict, List<StackNumbers> stacks, Told told) {
    Colour colour = shape.colour();
    String label = VerdictText.label(verdict);
    boolean leaks = verdict instanceof Verdict.Leaking;
    out.println("        " + (leaks ? colour.leak(what + label) : what + colour.quiet(label)));
    String evidence = verdict == null ? null : told.freeing().evidence(verdict, stacks);
    for (String line : VerdictText.lines(verdict, evidence, told.report(), told.limitBytes())) {
      out.println("            " + (leaks ? line : colour.quiet(line)));
    }
  }

  private static String space(StackNumbers stack) {
    return stack.key().space() == AddressSpace.HEAP ? "" : " (" + stack.key().space().label() + ")";
  }

  /** The frames of a stack, one a line. */
  void printFrames(StackId id, StackBook book) {
    List<Frame> frames = book.frames(id);
    if (id.equals(StackId.UNKNOWN)) {
      out.println("                unknown (lost)");
    } else if (frames == null) {
      out.printf("                stack %s, frames not recorded%n", id);
    } else {
      frames.forEach(frame -> out.println("                " + FrameText.of(frame)));
    }
  }

  void printTotals(Session session, IncarnationReport report) {
    TotalsNumbers t = report.totals();
    if (report.kernel()) {
      for (TotalsNumbers.SpaceNumbers space : t.bySpace()) {
        out.printf(
            "    %s: %d bytes in %d allocations outstanding%n",
            space.space().label(), space.outstandingBytes(), space.outstandingCount());
      }
    } else {
      out.printf(
          "    outstanding: %d bytes in %d allocations from %d stacks%s%n",
          t.outstandingBytes(), t.outstandingCount(), t.distinctStacks(), peak(t));
    }
    Selected selected = report.selected();
    if (!report.kernel() && selected.outstandingCount() != t.outstandingCount()) {
      out.printf(
          "    selected: %d bytes in %d allocations from %d stacks%n",
          selected.outstandingBytes(), selected.outstandingCount(), selected.stacks());
    }
    out.printf("    seen: %d allocations, %d frees%s%n", t.allocations(), t.frees(), unusual(t));
    if (t.lostEvents() > 0) {
      out.printf(
          "    LOST: %d events; of the outstanding bytes %d are certain%n",
          t.lostEvents(), t.certainBytes());
    }
    String degraded = DegradedText.line(session, report);
    if (degraded != null) {
      out.println("    " + degraded);
    }
  }

  private static String peak(TotalsNumbers t) {
    return t.peakBytes() == null ? "" : ", peak " + t.peakBytes() + " bytes";
  }

  private static String unusual(TotalsNumbers t) {
    StringBuilder text = new StringBuilder();
    append(text, t.temporaryAllocations(), "temporary");
    append(text, t.unmatchedFrees(), "unmatched frees");
    append(text, t.superseded(), "superseded");
    append(text, t.closedByExec(), "closed by exec");
    append(text, t.missingOutcomes(), "releases without outcome");
    return text.toString();
  }

  private static void append(StringBuilder text, Long number, String what) {
    if (number != null && number > 0) {
      text.append(", ").append(number).append(' ').append(what);
    }
  }

  static String moment(Session session, Long atNanos) {
    Instant wallClock = Moments.wallClock(session, atNanos);
    if (wallClock != null) {
      return CLOCK.format(wallClock.atZone(ZoneId.systemDefault()));
    }
    return atNanos == null ? "end" : String.format(Locale.ROOT, "+%.3fs", atNanos / 1e9);
  }

  static String command(IncarnationReport report) {
    String command = report.process().getCommand();
    return command == null ? "" : ": " + Printable.of(command);
  }
}
