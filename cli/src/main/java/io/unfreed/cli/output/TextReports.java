package io.unfreed.cli.output;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Reports as memleak's users know them, most bytes first (CONTRACT.md, section 8). */
public final class TextReports implements ReportPrinter {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final PrintStream out;
  private final int top;

  /** Prints to {@code out}, listing {@code top} stacks, 0 for all. */
  public TextReports(PrintStream out, int top) {
    this.out = out;
    this.top = top;
  }

  @Override
  public void print(Session session, IncarnationReport report, StackBook stacks) {
    List<StackNumbers> listed = Listed.of(report, top);
    out.printf(
        "[%s] Top %d stacks with outstanding allocations:%n",
        moment(session, report), listed.size());
    if (report.process().getTgid() != null) {
      String from = RecordedFromText.of(report.process());
      out.printf("    process %d%s%s%n", report.process().getTgid(), from, command(report));
    }
    for (StackNumbers stack : listed) {
      printStack(stack, stacks);
    }
    printTotals(report);
  }

  @Override
  public void end(Session session) {
    SessionSource.print(session, out);
  }

  private void printStack(StackNumbers stack, StackBook book) {
    out.printf(
        "        %d bytes in %d allocations from stack%s%s%n",
        stack.outstandingBytes(),
        stack.outstandingCount(),
        stack.key().space() == io.unfreed.streams.ledger.AddressSpace.HEAP
            ? ""
            : " (" + stack.key().space().label() + ")",
        stack.growing() ? " (growing)" : "");
    StackId id = stack.key().stackId();
    List<Frame> frames = book.frames(id);
    if (id.equals(StackId.UNKNOWN)) {
      out.println("                unknown (lost)");
    } else if (frames == null) {
      out.printf("                stack %s, frames not recorded%n", id);
    } else {
      frames.forEach(frame -> out.println("                " + FrameText.of(frame)));
    }
  }

  private void printTotals(IncarnationReport report) {
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
    long selectedBytes = report.stacks().stream().mapToLong(StackNumbers::outstandingBytes).sum();
    long selectedCount = report.stacks().stream().mapToLong(StackNumbers::outstandingCount).sum();
    if (!report.kernel() && selectedCount != t.outstandingCount()) {
      out.printf(
          "    selected: %d bytes in %d allocations from %d stacks%n",
          selectedBytes, selectedCount, report.stacks().size());
    }
    out.printf("    seen: %d allocations, %d frees%s%n", t.allocations(), t.frees(), unusual(t));
    if (t.lostEvents() > 0) {
      out.printf(
          "    LOST: %d events; of the outstanding bytes %d are certain%n",
          t.lostEvents(), t.certainBytes());
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

  private static String moment(Session session, IncarnationReport report) {
    Instant wallClock = Moments.wallClock(session, report.atNanos());
    if (wallClock != null) {
      return CLOCK.format(wallClock.atZone(ZoneId.systemDefault()));
    }
    return report.atNanos() == null
        ? "end"
        : String.format(Locale.ROOT, "+%.3fs", report.atNanos() / 1e9);
  }

  private static String command(IncarnationReport report) {
    return report.process().getCommand() == null ? "" : ": " + report.process().getCommand();
  }
}
