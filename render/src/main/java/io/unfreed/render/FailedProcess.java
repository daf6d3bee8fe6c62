package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.io.PrintStream;
import java.util.List;

/** What fails a check of one report, as text, below a line that says whose report it is. */
public final class FailedProcess {
  private final PrintStream out;
  private final Session session;
  private final IncarnationReport report;
  private final StackBook book;
  private int failures;

  /** Prints nothing before something fails. */
  public FailedProcess(PrintStream out, Session session, IncarnationReport report, StackBook book) {
    this.out = out;
    this.session = session;
    this.report = report;
    this.book = book;
  }

  /** So much failed. */
  public int failures() {
    return failures;
  }

  /** A process holds more than it may. */
  public void tooMuch(long bytes, long mostBytes) {
    fail();
    out.printf("%d bytes are outstanding, more than %d%n", bytes, mostBytes);
  }

  /** Prints the leak with its verdict and all its stacks. */
  public void leak(ReportedLeak leak) {
    fail();
    StackNumbers first = leak.stacks().getFirst();
    boolean isOne = leak.stacks().size() == 1;
    out.printf(
        "%d bytes in %d allocations from %s%s%n",
        leak.outstandingBytes(),
        leak.outstandingCount(),
        isOne ? "stack " + first.key().stackId() : leak.stacks().size() + " stacks",
        VerdictText.label(leak.verdict()));
    String evidence = new WhoFrees(report, book).evidence(leak.verdict(), leak.stacks());
    VerdictText.lines(leak.verdict(), evidence, report, null)
        .forEach(line -> out.println("    " + line));
    if (isOne) {
      printFrames(first);
      return;
    }
    if (leak.frame() != null) {
      out.println("    in common: " + FrameText.of(leak.frame()));
    }
    for (StackNumbers stack : leak.stacks()) {
      out.printf(
          "    %d bytes in %d allocations from stack %s%n",
          stack.outstandingBytes(), stack.outstandingCount(), stack.key().stackId());
      printFrames(stack);
    }
  }

  private void fail() {
    if (failures++ == 0) {
      out.println(heading());
    }
  }

  private String heading() {
    Integer tgid = report.process().getTgid();
    return "[%s] %s%s%s"
        .formatted(
            TextReports.moment(session, report.atNanos()),
            tgid == null ? "session " + report.session() : "process " + tgid,
            RecordedFromText.of(report.process()),
            TextReports.command(report));
  }

  private void printFrames(StackNumbers stack) {
    List<Frame> frames = book.frames(stack.key().stackId());
    if (frames != null) {
      frames.forEach(frame -> out.println("        " + FrameText.of(frame)));
    }
  }
}
