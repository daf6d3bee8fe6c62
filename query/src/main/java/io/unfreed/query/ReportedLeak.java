package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Accumulation;
import io.unfreed.streams.verdict.Judge;
import io.unfreed.streams.verdict.Leak;
import io.unfreed.streams.verdict.Leaks;
import io.unfreed.streams.verdict.Suspect;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * One leak of a report, however many stacks it is spread over.
 *
 * @param frame the function that explains it, as its first stack has it; null when that is unknown
 * @param verdict of all its stacks together
 * @param stacks in the report's order
 */
public record ReportedLeak(Frame frame, Verdict.Leaking verdict, List<StackNumbers> stacks) {
  private static final double SECOND = 1e9;

  /** All leaks of a report, fastest first. */
  public static List<ReportedLeak> of(IncarnationReport report, StackBook book) {
    return of(report, book, stack -> true);
  }

  /**
   * The leaks that stay when only some stacks are looked at. A published report lists so many
   * stacks and no more; a longer one is cut there, too, so that both have the same leaks.
   */
  public static List<ReportedLeak> of(
      IncarnationReport report, StackBook book, Predicate<StackNumbers> counted) {
    List<StackNumbers> stacks =
        report.stacks().stream().limit(ReportRecords.STACKS_PER_REPORT).filter(counted).toList();
    if (stacks.stream().noneMatch(ReportedLeak::isSuspect)) {
      return List.of();
    }
    List<Suspect> suspects = new ArrayList<>();
    for (StackNumbers stack : stacks) {
      suspects.add(
          new Suspect(
              stack.verdict(),
              stack.accumulation(),
              stack.released(),
              stack.allocations(),
              functions(book.frames(stack.key().stackId()))));
    }
    List<ReportedLeak> leaks = new ArrayList<>();
    for (Leak leak : Leaks.find(suspects, asked(report, stacks))) {
      List<StackNumbers> of = leak.stacks().stream().map(stacks::get).toList();
      leaks.add(new ReportedLeak(frame(of.getFirst(), leak.function(), book), leak.verdict(), of));
    }
    return leaks;
  }

  /** Outstanding bytes of all its stacks. */
  public long outstandingBytes() {
    return stacks.stream().mapToLong(StackNumbers::outstandingBytes).sum();
  }

  /** Outstanding blocks of all its stacks. */
  public long outstandingCount() {
    return stacks.stream().mapToLong(StackNumbers::outstandingCount).sum();
  }

  private static boolean isSuspect(StackNumbers stack) {
    return stack.verdict() instanceof Verdict.Leaking || stack.accumulation() != null;
  }

  /** The last tick that was over when the stacks were judged: all of them say the same. */
  private static Judge.Case asked(IncarnationReport report, List<StackNumbers> stacks) {
    long moment =
        stacks.stream()
            .map(StackNumbers::accumulation)
            .filter(Objects::nonNull)
            .mapToLong(ReportedLeak::lastTickEnd)
            .max()
            .orElse(0);
    return new Judge.Case(
        moment,
        report.totals().doubtfulUntil(),
        report.selected().stacks(),
        report.atNanos() == null ? 0 : SECOND);
  }

  private static long lastTickEnd(Accumulation a) {
    return a.lastTick() * a.tick();
  }

  private static Frame frame(StackNumbers stack, String function, StackBook book) {
    List<Frame> frames = book.frames(stack.key().stackId());
    for (Frame frame : frames == null ? List.<Frame>of() : frames) {
      if (Objects.equals(function(frame), function)) {
        return frame;
      }
    }
    return null;
  }

  private static List<String> functions(List<Frame> frames) {
    return frames == null
        ? List.of()
        : frames.stream().map(ReportedLeak::function).filter(Objects::nonNull).toList();
  }

  /** Calls at several places of one function are one; null where nothing is known. */
  private static String function(Frame frame) {
    if (frame.getSymbol() != null) {
      return frame.getSymbol() + "\n" + frame.getModule();
    }
    return frame.getAddress() == null ? null : frame.getAddress() + "\n" + frame.getModule();
  }
}
