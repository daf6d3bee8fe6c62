package io.unfreed.render;

import io.unfreed.schemas.Frame;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.io.PrintStream;
import java.util.List;

/** A stack that fails a check, as text. */
public final class FailedStack {
  private FailedStack() {}

  /** Prints the stack with its verdict; frames are null when they are not known. */
  public static void print(
      PrintStream out, IncarnationReport report, StackNumbers stack, List<Frame> frames) {
    out.printf(
        "%d bytes in %d allocations from stack %s%s%n",
        stack.outstandingBytes(),
        stack.outstandingCount(),
        stack.key().stackId(),
        VerdictText.label(stack));
    VerdictText.lines(stack, report, null).forEach(line -> out.println("    " + line));
    if (frames != null) {
      frames.forEach(frame -> out.println("        " + FrameText.of(frame)));
    }
  }
}
