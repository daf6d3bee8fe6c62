package io.unfreed.streams.record;

import io.unfreed.schemas.Releaser;
import io.unfreed.schemas.Space;
import io.unfreed.schemas.SpaceTotals;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.Totals;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.lane.Ages;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.Degraded;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.Releases;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.lane.TotalsNumbers.SpaceNumbers;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.verdict.Histogram;
import java.util.List;

/** Per-stack numbers and totals as Avro records and back. */
public final class StackRecords {
  private StackRecords() {}

  public static StackState toRecord(StackNumbers n) {
    return StackState.newBuilder()
        .setStackId(n.key().stackId().toHash())
        .setSpace(toRecord(n.key().space()))
        .setOutstandingBytes(n.outstandingBytes())
        .setOutstandingCount(n.outstandingCount())
        .setCertainBytes(n.certainBytes())
        .setAllocations(n.allocations())
        .setFrees(n.frees())
        .setSuperseded(n.superseded())
        .setClosedByExec(n.closedByExec())
        .setAllocatedBytes(n.allocatedBytes())
        .setOldestTimeNanos(n.ages().oldestTimeNanos())
        .setLifetimes(boxed(n.ages().released()))
        .setAges(List.of())
        .setFreedBy(toRecord(n.freedBy()))
        .setAccumulation(VerdictRecords.toRecord(n.accumulation()))
        .setVerdict(VerdictRecords.toRecord(n.verdict()))
        .setTemporaryAllocations(n.releases().temporary())
        .setMoved(n.releases().moved())
        .build();
  }

  /** What is published is never filtered. */
  public static StackNumbers fromRecord(StackState s) {
    return new StackNumbers(
        new StackKey(StackId.of(s.getStackId()), fromRecord(s.getSpace())),
        new Counts(
            s.getAllocations(),
            s.getFrees(),
            s.getSuperseded(),
            s.getClosedByExec(),
            s.getAllocatedBytes(),
            s.getOutstandingBytes(),
            s.getOutstandingCount(),
            s.getCertainBytes()),
        s.getOutstandingCount(),
        new Ages(s.getOldestTimeNanos(), histogram(s.getLifetimes())),
        new Releases(s.getTemporaryAllocations(), s.getMoved()),
        VerdictRecords.fromRecord(s.getAccumulation()),
        VerdictRecords.fromRecord(s.getVerdict()),
        fromRecord(s.getFreedBy()));
  }

  public static Totals toRecord(TotalsNumbers t) {
    return Totals.newBuilder()
        .setAllocations(t.allocations())
        .setFrees(t.frees())
        .setUnmatchedFrees(t.unmatchedFrees())
        .setSuperseded(t.superseded())
        .setClosedByExec(t.closedByExec())
        .setTemporaryAllocations(t.temporaryAllocations())
        .setAllocatedBytes(t.allocatedBytes())
        .setPeakBytes(t.peakBytes())
        .setOutstandingBytes(t.outstandingBytes())
        .setOutstandingCount(t.outstandingCount())
        .setCertainBytes(t.certainBytes())
        .setLostEvents(t.lostEvents())
        .setMissingOutcomes(t.missingOutcomes())
        .setDoubtfulUntil(t.doubtfulUntil())
        .setDistinctStacks(t.distinctStacks())
        .setBySpace(
            t.bySpace().stream()
                .map(s ->
                    new SpaceTotals(
                        toRecord(s.space()), s.outstandingBytes(), s.outstandingCount()))
                .toList())
        .setDegraded(toRecord(t.degraded()))
        .build();
  }

  public static TotalsNumbers fromRecord(Totals t) {
    return new TotalsNumbers(
        new Counts(
            t.getAllocations(),
            t.getFrees(),
            t.getSuperseded(),
            t.getClosedByExec(),
            t.getAllocatedBytes(),
            t.getOutstandingBytes(),
            t.getOutstandingCount(),
            t.getCertainBytes()),
        new TotalsNumbers.OneLane(t.getTemporaryAllocations(), t.getPeakBytes()),
        t.getUnmatchedFrees(),
        t.getLostEvents(),
        t.getMissingOutcomes(),
        t.getDoubtfulUntil(),
        t.getDistinctStacks(),
        t.getBySpace().stream()
            .map(s ->
                new SpaceNumbers(
                    fromRecord(s.getSpace()), s.getOutstandingBytes(), s.getOutstandingCount()))
            .toList(),
        fromRecord(t.getDegraded()));
  }

  private static io.unfreed.schemas.Degraded toRecord(Degraded d) {
    return d == null
        ? null
        : new io.unfreed.schemas.Degraded(
            d.lanes(), d.fromNanos(), d.toNanos(), d.uncountedEvents());
  }

  private static Degraded fromRecord(io.unfreed.schemas.Degraded d) {
    return d == null
        ? null
        : new Degraded(d.getLanes(), d.getFromNanos(), d.getToNanos(), d.getUncountedEvents());
  }

  private static io.unfreed.schemas.FreedBy toRecord(FreedBy freedBy) {
    return freedBy == null
        ? null
        : new io.unfreed.schemas.FreedBy(
            freedBy.stacks().stream()
                .map(r -> new Releaser(r.stackId().toHash(), r.frees()))
                .toList(),
            freedBy.otherFrees());
  }

  private static FreedBy fromRecord(io.unfreed.schemas.FreedBy freedBy) {
    return freedBy == null
        ? null
        : new FreedBy(
            freedBy.getStacks().stream()
                .map(r -> new FreedBy.Releaser(StackId.of(r.getStackId()), r.getFrees()))
                .toList(),
            freedBy.getOtherFrees());
  }

  private static Space toRecord(AddressSpace space) {
    return Space.values()[space.ordinal()];
  }

  private static AddressSpace fromRecord(Space space) {
    return AddressSpace.ALL.get(space.ordinal());
  }

  private static List<Long> boxed(Histogram blocks) {
    return blocks.stream().boxed().toList();
  }

  private static Histogram histogram(List<Long> blocks) {
    return Histogram.of(blocks.stream().mapToLong(Long::longValue).toArray());
  }
}
