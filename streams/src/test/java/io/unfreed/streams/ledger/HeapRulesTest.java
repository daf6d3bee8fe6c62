package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.model.Event;
import io.unfreed.streams.model.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules of heap blocks, one by one. */
class HeapRulesTest {
  private static final long A = 0x10;
  private static final long B = 0x20;
  private final Script script = new Script();

  @Test
  void shouldSupersedeWhenAnOutstandingAddressIsAllocatedAgain() {
    TotalsNumbers totals = script.alloc(1, 1, A, 5).alloc(2, 2, A, 7).totals();

    assertThat(totals.superseded()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(7);
    assertThat(totals.peakBytes()).as("the old block goes first").isEqualTo(7);
  }

  @Test
  void shouldCountAnUnmatchedFreeWhenTheAddressIsUnknown() {
    assertThat(script.free(1, 1, A).totals().unmatchedFrees()).isEqualTo(1);
  }

  @Test
  void shouldCountAnAllocationOfNoBytesWhenTheSizeIsZero() {
    TotalsNumbers totals = script.alloc(1, 1, A, 0).totals();

    assertThat(totals.outstandingCount()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isZero();
  }

  @Test
  void shouldBeOneFreeAndOneAllocationWhenReallocSucceeds() {
    for (long to : new long[] {A, B}) {
      TotalsNumbers totals =
          new Script().alloc(1, 1, A, 5).reallocBegins(2, 1, A).reallocGives(3, 1, to, 9).totals();

      assertThat(totals.allocations()).isEqualTo(2);
      assertThat(totals.frees()).isEqualTo(1);
      assertThat(totals.superseded()).isZero();
      assertThat(totals.allocatedBytes()).isEqualTo(14);
      assertThat(totals.outstandingBytes()).isEqualTo(9);
      assertThat(totals.peakBytes()).as("released before the new size").isEqualTo(9);
      assertThat(totals.temporaryAllocations()).isEqualTo(1);
    }
  }

  @Test
  void shouldBeAnAllocationAndAnUnmatchedFreeWhenReallocsOldBlockIsUnknown() {
    TotalsNumbers totals = script.reallocBegins(1, 1, A).reallocGives(2, 1, B, 9).totals();

    assertThat(totals.unmatchedFrees()).isEqualTo(1);
    assertThat(totals.allocations()).isEqualTo(1);
    assertThat(totals.frees()).isZero();
  }

  @Test
  void shouldBeAFreeOnlyWhenReallocToZeroReturnsNull() {
    TotalsNumbers totals =
        script.alloc(1, 1, A, 5).reallocBegins(2, 1, A).reallocGives(3, 1, 0, 0).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.allocations()).isEqualTo(1);
    assertThat(totals.outstandingCount()).isZero();
  }

  @Test
  void shouldBeAsIfNothingWasCalledWhenReallocFails() {
    TotalsNumbers totals =
        script.alloc(1, 1, A, 5).reallocBegins(2, 1, A).fails(3, 1).free(4, 1, A).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.allocations()).isEqualTo(1);
    assertThat(totals.temporaryAllocations()).isEqualTo(1);
    assertThat(totals.missingOutcomes()).isZero();
  }

  @Test
  void shouldStayOutstandingWhenTheOutcomeHasNotComeYet() {
    assertThat(script.alloc(1, 1, A, 5).reallocBegins(2, 1, A).totals().outstandingBytes())
        .isEqualTo(5);
  }

  @Test
  void shouldCountAsFreedAndMissingWhenTheThreadGoesOnWithoutAnOutcome() {
    TotalsNumbers totals =
        script.alloc(1, 1, A, 5).reallocBegins(2, 1, A).alloc(3, 1, B, 7).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.missingOutcomes()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(7);
  }

  @Test
  void shouldCountAsFreedWhenAnotherThreadReusesTheAddressDuringRealloc() {
    TotalsNumbers totals =
        script
            .alloc(1, 1, A, 5)
            .reallocBegins(2, 1, A)
            .alloc(3, 2, A, 7)
            .reallocGives(4, 1, B, 9)
            .totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.superseded()).isZero();
    assertThat(totals.unmatchedFrees()).isZero();
    assertThat(totals.outstandingBytes()).isEqualTo(16);
    assertThat(totals.temporaryAllocations()).as("by realloc").isEqualTo(1);
  }

  @Test
  void shouldLeaveAnUnmatchedFreeWhenAnotherThreadFreesTheBlockDuringRealloc() {
    TotalsNumbers totals =
        script
            .alloc(1, 1, A, 5)
            .reallocBegins(2, 1, A)
            .free(3, 2, A)
            .reallocGives(4, 1, B, 9)
            .totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.unmatchedFrees()).isEqualTo(1);
  }

  @Test
  void shouldBeTemporaryWhenTheThreadsNextLedgerEventFreesIt() {
    assertThat(temporary(new Script().alloc(1, 1, A, 5).free(2, 1, A))).isEqualTo(1);
    assertThat(
            temporary(
                new Script()
                    .alloc(1, 1, A, 5)
                    .plain(EventCodes.MARK, 2, 1)
                    .lost(3, 1, 1, 2)
                    .alloc(250, 2, B, 5)
                    .free(251, 1, A)))
        .as("marks, losses, ticks, other threads")
        .isEqualTo(1);
    assertThat(temporary(new Script().alloc(1, 1, A, 5).free(2, 1, B).free(3, 1, A)))
        .as("an unmatched free in between")
        .isZero();
    assertThat(temporary(new Script().alloc(1, 1, A, 5).map(2, 1, 0, 1).free(3, 1, A)))
        .as("a mapping call in between")
        .isZero();
    assertThat(temporary(new Script().alloc(1, 1, A, 5).free(2, 2, A)))
        .as("another thread")
        .isZero();
  }

  @Test
  void shouldCountTemporaryAllocationsAndMovedBlocksOfEachStack() {
    Script events =
        script
            .alloc(1, 1, A, 5)
            .free(2, 1, A)
            .alloc(3, 1, A, 5)
            .alloc(4, 1, B, 7)
            .free(5, 1, A)
            .free(6, 1, B)
            .alloc(7, 1, A, 5)
            .reallocBegins(8, 1, A)
            .reallocGives(9, 1, B, 9)
            .reallocBegins(10, 1, B)
            .reallocGives(11, 1, 0, 0);

    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(2);
    ledger.alloc(0, 0, A, 5, 1, 1);
    ledger.heapIntent(A, 1, 2);
    ledger.heapOutcome(1, B, 9, 1, 2);
    ledger.free(0, B, 1, 3);

    assertThat(events.totals().temporaryAllocations()).isEqualTo(3);
    assertThat(ledger.view().temporaryAllocations(0)).isEqualTo(1);
    assertThat(ledger.view().moved(0)).isEqualTo(1);
    assertThat(ledger.view().lifetimes(0)).as("what is moved lives on").containsExactly(1);
    assertThat(ledger.view().temporaryAllocations(1)).isEqualTo(1);
    assertThat(ledger.view().moved(1)).isZero();
  }

  @Test
  void shouldCloseEveryBlockWhenTheProcessExecs() {
    TotalsNumbers totals =
        script
            .alloc(1, 1, A, 5)
            .map(2, 1, 0, 1)
            .plain(EventCodes.EXEC, 3, 1)
            .free(4, 1, A)
            .alloc(5, 1, B, 3)
            .totals();

    assertThat(totals.closedByExec()).isEqualTo(2);
    assertThat(totals.frees()).isZero();
    assertThat(totals.unmatchedFrees()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(3);
  }

  @Test
  void shouldSayNothingMoreWhenTheSessionEndsAfterTheProcessHasExited() {
    List<LaneStatement> statements =
        script
            .alloc(1, 1, A, 5)
            .plain(EventCodes.EXIT, 2, 1)
            .alloc(3, 1, B, 7)
            .plain(EventCodes.END, 250, 1)
            .statements(LaneOptions.WHOLE);

    assertThat(statements)
        .extracting(LaneStatement::occasion)
        .containsExactly(LaneStatement.Occasion.FINAL);
    assertThat(statements.getFirst().totals().outstandingBytes()).isEqualTo(5);
    assertThat(statements.getFirst().atNanos()).isEqualTo(2);
  }

  @Test
  void shouldCountTheLastAddressAsAnyOtherWhenItIsFreedWithoutAnAllocation() {
    TotalsNumbers totals = script.alloc(1, 1, A, 5).free(2, 1, -1).totals();

    assertThat(totals.unmatchedFrees()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(5);
  }

  @Test
  void shouldKeepSpacesApartWhenTheirAddressesAreEqual() {
    TotalsNumbers totals =
        script
            .alloc(1, 1, A, 5)
            .add(Event.of(EventCodes.ALLOC_SLAB, 2, 1, A, 8, 1))
            .add(Event.of(EventCodes.FREE_PAGE, 3, 1, A, 0, 0))
            .add(Event.of(EventCodes.FREE_SLAB, 4, 1, A, 0, 0))
            .totals();

    assertThat(totals.outstandingBytes()).isEqualTo(5);
    assertThat(totals.unmatchedFrees()).isEqualTo(1);
  }

  private static long temporary(Script script) {
    return script.totals().temporaryAllocations();
  }
}
