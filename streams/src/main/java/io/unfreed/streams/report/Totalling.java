package io.unfreed.streams.report;

import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.lane.TotalsNumbers.SpaceNumbers;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.Sums;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Adds up the totals of an incarnation's lanes. */
final class Totalling {
  private Totalling() {}

  /** True when no event counted for anything yet. */
  static boolean isNothing(TotalsNumbers t) {
    return t.allocations() == 0
        && t.lostEvents() == 0
        && (t.unmatchedFrees() == null || t.unmatchedFrees() == 0);
  }

  static TotalsNumbers sum(Collection<TotalsNumbers> lanes, int distinctStacks) {
    boolean unmatchedKnown = lanes.stream().allMatch(t -> t.unmatchedFrees() != null);
    return new TotalsNumbers(
        lanes.stream().mapToLong(TotalsNumbers::allocations).sum(),
        lanes.stream().mapToLong(TotalsNumbers::frees).sum(),
        unmatchedKnown ? lanes.stream().mapToLong(TotalsNumbers::unmatchedFrees).sum() : null,
        lanes.stream().mapToLong(TotalsNumbers::superseded).sum(),
        lanes.stream().mapToLong(TotalsNumbers::closedByExec).sum(),
        null,
        lanes.stream().mapToLong(TotalsNumbers::allocatedBytes).reduce(0, Sums::of),
        null,
        lanes.stream().mapToLong(TotalsNumbers::outstandingBytes).reduce(0, Sums::of),
        lanes.stream().mapToLong(TotalsNumbers::outstandingCount).sum(),
        lanes.stream().mapToLong(TotalsNumbers::certainBytes).reduce(0, Sums::of),
        lanes.stream().mapToLong(TotalsNumbers::lostEvents).reduce(0, Sums::of),
        lanes.stream().mapToLong(TotalsNumbers::missingOutcomes).sum(),
        distinctStacks,
        bySpace(lanes));
  }

  private static List<SpaceNumbers> bySpace(Collection<TotalsNumbers> lanes) {
    List<SpaceNumbers> sums = new ArrayList<>();
    for (AddressSpace space : AddressSpace.ALL) {
      List<SpaceNumbers> parts =
          lanes.stream()
              .flatMap(t -> t.bySpace().stream())
              .filter(s -> s.space() == space)
              .toList();
      if (!parts.isEmpty()) {
        sums.add(
            new SpaceNumbers(
                space,
                parts.stream().mapToLong(SpaceNumbers::outstandingBytes).reduce(0, Sums::of),
                parts.stream().mapToLong(SpaceNumbers::outstandingCount).sum()));
      }
    }
    return sums;
  }
}
