package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.WhoFrees;
import io.unfreed.schemas.Frame;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.io.PrintStream;
import java.util.List;

/** A leak that fails a check, as text. */
public final class FailedLeak {
  private FailedLeak() {}

  /** Prints the leak with its verdict and all its stacks. */
  public static void print(
      PrintStream out, IncarnationReport report, ReportedLeak leak, StackBook book) {
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
      printFrames(out, first, book);
      return;
    }
    if (leak.frame() != null) {
      out.println("    in common: " + FrameText.of(leak.frame()));
    }
    for (StackNumbers stack : leak.stacks()) {
      out.printf(
          "    %d bytes in %d allocations from stack %s%n",
          stack.outstandingBytes(), stack.outstandingCount(), stack.key().stackId());
      printFrames(out, stack, book);
    }
  }

  private static void printFrames(PrintStream out, StackNumbers stack, StackBook book) {
    List<Frame> frames = book.frames(stack.key().stackId());
    if (frames != null) {
      frames.forEach(frame -> out.println("        " + FrameText.of(frame)));
    }
  }
}
