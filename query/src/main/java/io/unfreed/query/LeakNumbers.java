package io.unfreed.query;

import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A stack that leaks by itself, as it was published.
 *
 * @param blocks outstanding
 * @param bytesPerSecond by how much it grows; null without times
 * @param confidence from 0 to 1; null when that was not published
 * @param secondsToLimit until it has taken what memory is left, at the soonest; null where nobody
 *     can tell, and of a process that is over: it takes none any more
 */
public record LeakNumbers(
    String stackId,
    String space,
    long bytes,
    long blocks,
    Double bytesPerSecond,
    Double confidence,
    Double secondsToLimit) {
  private static final double SECOND = 1e9;

  private static final Comparator<LeakNumbers> FASTEST_FIRST =
      Comparator.comparingDouble(LeakNumbers::rate)
          .thenComparingLong(LeakNumbers::bytes)
          .reversed()
          .thenComparing(LeakNumbers::stackId);

  /**
   * The leaks of a report, fastest first.
   *
   * @param most so many of them
   * @param limitBytes what memory there is; null when that is not known
   */
  static List<LeakNumbers> of(IncarnationReport report, int most, Long limitBytes) {
    List<LeakNumbers> leaks = new ArrayList<>();
    Set<StackKey> told = new HashSet<>(); // each is a series: one report may not have it twice
    for (StackNumbers stack : report.stacks()) {
      if (stack.verdict() instanceof Verdict.Leaking leaking && told.add(stack.key())) {
        TimeToLimit left = report.isFinal() ? null : TimeToLimit.of(report, leaking, limitBytes);
        leaks.add(
            new LeakNumbers(
                stack.key().stackId().toString(),
                stack.key().space().label(),
                stack.outstandingBytes(),
                stack.outstandingCount(),
                leaking.growth() == null ? null : leaking.growth().bytesPerSecond(),
                leaking.confidence(),
                left == null ? null : left.soonestNanos() / SECOND));
      }
    }
    leaks.sort(FASTEST_FIRST);
    return leaks.stream().limit(most).toList();
  }

  private double rate() {
    return bytesPerSecond == null ? 0 : bytesPerSecond;
  }
}
