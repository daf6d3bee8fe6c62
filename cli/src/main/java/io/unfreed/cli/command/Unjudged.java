package io.unfreed.cli.command;

import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Of what nobody can tell whether it leaks. That a check found no leak says nothing of it, and must
 * not look as if it did.
 */
final class Unjudged {
  private long processes;
  private long inPart;
  private long withLoss;
  private long stacks;
  private long tooShort;
  private long lost;
  private long unknown;

  /** Counts what is shown of a report. */
  void add(IncarnationReport report, Predicate<StackNumbers> shown) {
    processes++;
    withLoss += report.totals().lostEvents() > 0 ? 1 : 0;
    inPart += RecordedFrom.isInPart(report.process()) ? 1 : 0;
    report.stacks().stream().filter(shown).forEach(this::add);
  }

  private void add(StackNumbers stack) {
    stacks++;
    switch (stack.verdict()) {
      case null -> unknown++;
      case Verdict.Undecided undecided when undecided.why() == Verdict.Reason.TOO_SHORT ->
          tooShort++;
      case Verdict.Undecided undecided when undecided.why() == Verdict.Reason.LOSS -> lost++;
      default -> {}
    }
  }

  /** Says how much it is, and why; nothing when all was judged. */
  void print(PrintStream err) {
    if (processes == 0) {
      err.println("unfreed: no process is in what was recorded: nothing was judged");
    }
    List<String> why = new ArrayList<>();
    tell(why, tooShort, "seen for too short a time");
    tell(why, lost, "whose frees may be among lost events");
    tell(why, unknown, "of which too little is known");
    if (!why.isEmpty()) {
      err.printf(
          "unfreed: %d of %d stacks could not be judged: %s%n",
          tooShort + lost + unknown, stacks, String.join(", ", why));
    }
    if (withLoss > 0) {
      err.printf(
          "unfreed: events of %d of %d processes were lost: what they allocated was not judged%n",
          withLoss, processes);
    }
    if (inPart > 0) {
      err.printf(
          "unfreed: %d of %d processes were recorded in part: what they did before was not judged%n",
          inPart, processes);
    }
  }

  private static void tell(List<String> why, long count, String what) {
    if (count > 0) {
      why.add(count + " " + what);
    }
  }
}
