package io.unfreed.streams.report;

import io.unfreed.schemas.Process;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.verdict.Verdict;
import java.util.Comparator;
import java.util.List;

/**
 * What one incarnation held at one moment.
 *
 * @param session session id
 * @param incarnation incarnation within the session
 * @param process the incarnation as far as known
 * @param atNanos session time; null when the source has no time
 * @param tick boundary number; null for a report that is not a tick's
 * @param isFinal the incarnation or its session is over
 * @param kernel its address spaces overlap
 * @param totals never filtered
 * @param selected sums over all stacks with outstanding blocks, listed or not
 * @param stacks those with outstanding blocks, in {@link #ORDER}; a published report lists the
 *     first of them only
 * @param temporary those without, of which some were temporary, in {@link #BY_TEMPORARY}; a
 *     published report lists the first of them only
 */
public record IncarnationReport(
    String session,
    String incarnation,
    Process process,
    Long atNanos,
    Long tick,
    boolean isFinal,
    boolean kernel,
    TotalsNumbers totals,
    Selected selected,
    List<StackNumbers> stacks,
    List<StackNumbers> temporary) {

  /** Most bytes first, then most blocks, then stack id ascending, then space. */
  public static final Comparator<StackNumbers> BY_BYTES =
      Comparator.comparingLong(StackNumbers::outstandingBytes)
          .thenComparingLong(StackNumbers::outstandingCount)
          .reversed()
          .thenComparing(s -> s.key().stackId())
          .thenComparing(s -> s.key().space());

  /** Most temporary allocations first; where they are not known there are none. */
  public static final Comparator<StackNumbers> BY_TEMPORARY =
      Comparator.comparingLong(IncarnationReport::temporaryOf).reversed().thenComparing(BY_BYTES);

  /**
   * What leaks fastest first, then what leaks at an unknown rate, then what grows undecided, then
   * backlogs, then by bytes.
   */
  public static final Comparator<StackNumbers> ORDER =
      Comparator.comparingInt(IncarnationReport::rank)
          .thenComparing(Comparator.comparingDouble(IncarnationReport::rate).reversed())
          .thenComparing(BY_BYTES);

  /** Its temporary allocations; 0 where they are not known. */
  public static long temporaryOf(StackNumbers stack) {
    return stack.temporaryAllocations() == null ? 0 : stack.temporaryAllocations();
  }

  private static int rank(StackNumbers stack) {
    return switch (stack.verdict()) {
      case Verdict.Leaking _ -> 0;
      case Verdict.Undecided undecided when undecided.why() == Verdict.Reason.GROWS -> 1;
      case Verdict.Queue queue when !queue.isDraining() -> 2;
      case null, default -> 3;
    };
  }

  private static double rate(StackNumbers stack) {
    return stack.verdict() instanceof Verdict.Leaking leaking && leaking.growth() != null
        ? leaking.growth().bytesPerSecond()
        : 0;
  }

  /** The same report, told again. */
  public IncarnationReport asFinal(boolean verdict) {
    return new IncarnationReport(
        session,
        incarnation,
        process,
        atNanos,
        tick,
        verdict,
        kernel,
        totals,
        selected,
        stacks,
        temporary);
  }
}
