package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.model.Event;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import org.junit.jupiter.api.Test;

/** Sizes that no address space holds: bounded and counted, and no sum overflows. */
class SizeBoundsTest {
  private static final long LARGEST = 1L << 57;
  private static final long TOP = Long.MAX_VALUE - 4095;

  @Test
  void shouldBoundTheSumWhenTwoBlocksSayTheLargestNumber() {
    LaneStatement last =
        new Script().alloc(1, 1, 16, Long.MAX_VALUE).alloc(2, 1, 32, Long.MAX_VALUE).last();

    assertThat(last.totals().outstandingBytes()).isEqualTo(2 * LARGEST);
    assertThat(last.totals().peakBytes()).isEqualTo(2 * LARGEST);
    assertThat(last.totals().certainBytes()).isEqualTo(2 * LARGEST);
    assertThat(last.totals().allocatedBytes()).isEqualTo(2 * LARGEST);
  }

  @Test
  void shouldCountNoBytesAndTheBlockWhenASizeIsNegative() {
    LaneStatement last = new Script().alloc(1, 1, 16, -5).alloc(2, 1, 32, 7).last();

    assertThat(last.totals().outstandingBytes()).isEqualTo(7);
    assertThat(last.totals().outstandingCount()).isEqualTo(2);
    assertThat(selected(last)).as("selected as in totals").isEqualTo(2);
  }

  @Test
  void shouldAddUpToTheTotalWhenMoreIsAllocatedThanANumberHolds() {
    Script script = new Script();
    for (int i = 1; i <= 300; i++) {
      script.alloc(i, 1, 16L * i, LARGEST);
    }
    LaneStatement full = script.last();
    TotalsNumbers totals = full.totals();
    assertThat(totals.outstandingBytes()).isPositive();
    assertThat(totals.allocatedBytes()).isPositive();
    assertThat(full.stacks().stream().mapToLong(StackNumbers::outstandingBytes).sum())
        .isEqualTo(totals.outstandingBytes());

    for (int i = 1; i <= 300; i++) {
      script.free(1000 + i, 1, 16L * i);
    }
    assertThat(script.totals().outstandingBytes()).isZero();
    assertThat(script.totals().frees()).isEqualTo(300);
  }

  @Test
  void shouldKeepTheBalanceWhenMappingsReachBeyondTheAddresses() {
    Script script = new Script();
    for (int i = 0; i < 3; i++) {
      script.add(Event.of(EventCodes.MAP, i, 1, TOP, Long.MAX_VALUE, 2));
    }
    LaneStatement mapped = script.last();
    assertThat(mapped.totals().outstandingBytes()).isEqualTo(LARGEST);
    assertThat(mapped.totals().outstandingCount()).isEqualTo(1);
    assertThat(mapped.totals().frees()).isEqualTo(2);
    assertThat(selected(mapped)).isEqualTo(1);

    TotalsNumbers unmapped =
        script.add(Event.of(EventCodes.UNMAP, 5, 1, TOP, Long.MAX_VALUE, 0)).totals();
    assertThat(unmapped.outstandingBytes()).isZero();
    assertThat(unmapped.outstandingCount()).isZero();
  }

  @Test
  void shouldBoundTheSumWhenMappingsCoverEveryAddress() {
    Script script = new Script();
    for (int i = -64; i < 64; i++) {
      script.add(Event.of(EventCodes.MAP, 200 + i, 1, i * LARGEST, LARGEST, 2));
      script.alloc(500 + i, 1, 16L * (200 + i), LARGEST);
    }
    TotalsNumbers totals = script.totals();
    assertThat(totals.outstandingBytes()).isPositive();
    assertThat(totals.allocations())
        .isEqualTo(totals.frees() + totals.superseded() + totals.outstandingCount());
  }

  @Test
  void shouldTellHowManySizesWereBounded() {
    Script script =
        new Script()
            .alloc(1, 1, 16, -5)
            .alloc(2, 1, 32, LARGEST)
            .alloc(3, 1, 48, LARGEST + 1)
            .add(Event.of(EventCodes.MAP, 4, 1, Script.BASE, -1, 2))
            .plain(EventCodes.EXIT, 5, 1);

    LedgerRun run = Script.feed(script.batches(), new LedgerRun(ReportQuery.WHOLE));
    assertThat(run.boundedSizes()).isEqualTo(3);
  }

  @Test
  void shouldNotOverflowWhenLanesAreAddedUp() {
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    for (int lane = 0; lane < 3; lane++) {
      Script script = new Script(lane, 3);
      for (int i = 1; i <= 40; i++) {
        script.alloc(i, 1, 16L * i, LARGEST);
      }
      Script.feed(script.lost(50, Long.MAX_VALUE, 0, 0).batches(), run);
    }
    IncarnationReport report = run.finish().getFirst();

    assertThat(report.totals().outstandingBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(report.totals().allocatedBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(report.totals().lostEvents()).isEqualTo(Long.MAX_VALUE);
    assertThat(report.totals().bySpace().getFirst().outstandingBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(report.stacks().getFirst().outstandingBytes()).isEqualTo(Long.MAX_VALUE);
  }

  private static long selected(LaneStatement statement) {
    return statement.stacks().stream().mapToLong(StackNumbers::outstandingCount).sum();
  }
}
