package io.unfreed.query;

import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Verdict;
import java.util.List;

/**
 * The newest that was published of a process, without its stacks.
 *
 * @param tgid null when the source does not record it
 * @param leaks stacks that leak, of those that were published
 * @param leakBytes what they hold
 * @param leakBytesPerSecond by how much they grow together, where that is known
 * @param fastest the fastest of them
 * @param heardMillis wall-clock time at which it was published
 */
public record ProcessNumbers(
    String session,
    String incarnation,
    Integer tgid,
    String command,
    TotalsNumbers totals,
    boolean isKernel,
    boolean isOver,
    long leaks,
    long leakBytes,
    double leakBytesPerSecond,
    List<LeakNumbers> fastest,
    long heardMillis) {
  /** Series that Prometheus keeps are bounded with them. */
  private static final int MOST_LEAKS = 5;

  /**
   * Of a report.
   *
   * @param limitBytes what memory the process may take; null when that is not known
   */
  static ProcessNumbers of(IncarnationReport report, Long limitBytes, long heardMillis) {
    long leaks = 0;
    long bytes = 0;
    double rate = 0;
    for (StackNumbers stack : report.stacks()) {
      if (stack.verdict() instanceof Verdict.Leaking leaking) {
        leaks++;
        bytes += stack.outstandingBytes();
        Double perSecond = leaking.growth() == null ? null : leaking.growth().bytesPerSecond();
        rate += perSecond == null ? 0 : perSecond;
      }
    }
    return new ProcessNumbers(
        report.session(),
        report.incarnation(),
        report.process().getTgid(),
        report.process().getCommand(),
        report.totals(),
        report.kernel(),
        report.isFinal(),
        leaks,
        bytes,
        rate,
        LeakNumbers.of(report, MOST_LEAKS, limitBytes),
        heardMillis);
  }
}
