package io.unfreed.streams.report;

import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.Sums;
import java.util.List;

/**
 * Sums over the stacks that hold blocks of the size and age that were asked for. They are a
 * report's own facts: its list of stacks may be cut.
 *
 * @param outstandingBytes requested bytes of these blocks
 * @param outstandingCount how many blocks
 * @param certainBytes requested bytes of those that are certainly outstanding
 * @param stacks stacks that hold at least one
 */
public record Selected(
    long outstandingBytes, long outstandingCount, long certainBytes, int stacks) {

  /** Adds up a list that is whole. */
  public static Selected of(List<StackNumbers> stacks) {
    long bytes = 0;
    long count = 0;
    long certain = 0;
    for (StackNumbers stack : stacks) {
      bytes = Sums.of(bytes, stack.outstandingBytes());
      count += stack.outstandingCount();
      certain = Sums.of(certain, stack.certainBytes());
    }
    return new Selected(bytes, count, certain, stacks.size());
  }

  /** Where nothing was filtered, every outstanding block is selected. */
  public static Selected all(TotalsNumbers totals, int stacks) {
    return new Selected(
        totals.outstandingBytes(), totals.outstandingCount(), totals.certainBytes(), stacks);
  }
}
