package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;
import java.util.List;

/**
 * The stacks of a report that somebody wants to have explained: a leak, or what was named.
 *
 * @param frame the function that they have in common; null when there is none
 * @param verdict of all of them together; null when there is none
 * @param stacks in the report's order
 */
public record ExplainedStacks(
    IncarnationReport report, Frame frame, Verdict verdict, List<StackNumbers> stacks) {
  private static final int LEAST_ID = 4;

  /**
   * Finds what is meant: the number of a leak among those that are reported, from 1, the beginning
   * of a stack's id, or a part of a function's name.
   *
   * @return null when the report has nothing of that name
   */
  public static ExplainedStacks find(
      Session session, IncarnationReport report, StackBook book, String name) {
    Suppressions hidden = Suppressions.NONE.with(session.getSuppressions());
    List<ReportedLeak> leaks =
        ReportedLeak.of(report, book, stack -> !hidden.matches(book.frames(stack.key().stackId())));
    if (name.matches("\\d{1,3}")) {
      int number = Integer.parseInt(name);
      return number >= 1 && number <= leaks.size() ? of(report, leaks.get(number - 1)) : null;
    }
    if (name.length() >= LEAST_ID && name.matches("[0-9a-f]+")) {
      List<StackNumbers> stacks =
          report.stacks().stream()
              .filter(stack -> stack.key().stackId().toString().startsWith(name))
              .toList();
      if (!stacks.isEmpty()) {
        return of(report, book, stacks);
      }
    }
    return named(report, book, new FrameFilter(name, null), leaks);
  }

  private static ExplainedStacks named(
      IncarnationReport report, StackBook book, FrameFilter filter, List<ReportedLeak> leaks) {
    for (ReportedLeak leak : leaks) {
      if (leak.frame() != null && filter.passes(List.of(leak.frame()))) {
        return of(report, leak);
      }
    }
    List<StackNumbers> stacks =
        report.stacks().stream()
            .filter(stack -> filter.passes(book.frames(stack.key().stackId())))
            .toList();
    return stacks.isEmpty() ? null : of(report, book, stacks);
  }

  private static ExplainedStacks of(IncarnationReport report, ReportedLeak leak) {
    return new ExplainedStacks(report, leak.frame(), leak.verdict(), leak.stacks());
  }

  private static ExplainedStacks of(
      IncarnationReport report, StackBook book, List<StackNumbers> stacks) {
    List<Frame> frames = book.frames(stacks.getFirst().key().stackId());
    boolean isOne = stacks.size() == 1;
    return new ExplainedStacks(
        report,
        isOne && frames != null && !frames.isEmpty() ? frames.getFirst() : null,
        isOne ? stacks.getFirst().verdict() : null,
        stacks);
  }
}
