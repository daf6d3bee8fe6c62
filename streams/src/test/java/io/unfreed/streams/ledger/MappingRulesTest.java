package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.model.Script;
import org.junit.jupiter.api.Test;

/** Rules of mappings, one by one. Pages of 4096 bytes. */
class MappingRulesTest {
  @Test
  void shouldCountAMappingUntilItsLastByteGoesWhenItIsUnmappedInPieces() {
    Script script = new Script().map(1, 1, 0, 3).unmap(2, 1, 1, 1);
    TotalsNumbers middle = script.totals();
    TotalsNumbers end = script.unmap(3, 1, 0, 1).unmap(4, 1, 2, 1).totals();

    assertThat(middle.outstandingBytes()).isEqualTo(8192);
    assertThat(middle.outstandingCount()).isEqualTo(1);
    assertThat(middle.frees()).isZero();
    assertThat(end.outstandingCount()).isZero();
    assertThat(end.frees()).isEqualTo(1);
    assertThat(end.temporaryAllocations()).isZero();
  }

  @Test
  void shouldUnmapWhatWasThereWhenMappingOverIt() {
    TotalsNumbers totals = new Script().map(1, 1, 0, 2).map(2, 2, 0, 3).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.superseded()).isZero();
    assertThat(totals.outstandingBytes()).isEqualTo(3 * 4096);
    assertThat(totals.peakBytes()).isEqualTo(3 * 4096);
  }

  @Test
  void shouldCountOneUnmatchedFreeWhenAnUnmapTouchesNothing() {
    assertThat(new Script().map(1, 1, 0, 1).unmap(2, 1, 1, 5).totals().unmatchedFrees())
        .isEqualTo(1);
  }

  @Test
  void shouldMoveTheMappingWhenMremapSucceeds() {
    TotalsNumbers totals =
        new Script().map(1, 1, 0, 2).unmapBegins(2, 1, 0, 2).remapGives(3, 1, 8, 4).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.allocations()).isEqualTo(2);
    assertThat(totals.outstandingBytes()).isEqualTo(4 * 4096);
    assertThat(totals.temporaryAllocations()).isEqualTo(1);
  }

  @Test
  void shouldLetTheMappingLiveWhenMunmapFails() {
    TotalsNumbers totals =
        new Script().map(1, 1, 0, 2).unmapBegins(2, 1, 0, 2).fails(3, 1).totals();

    assertThat(totals.frees()).isZero();
    assertThat(totals.outstandingCount()).isEqualTo(1);
    assertThat(totals.missingOutcomes()).isZero();
  }

  @Test
  void shouldKeepTheNewMappingWhenAnotherThreadReusesAVacatedRangeBeforeTheOutcome() {
    TotalsNumbers totals =
        new Script()
            .map(1, 1, 0, 2)
            .unmapBegins(2, 1, 0, 2)
            .map(3, 2, 0, 2)
            .unmapSucceeds(4, 1)
            .totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.temporaryAllocations()).isEqualTo(1);
    assertThat(totals.outstandingBytes()).isEqualTo(2 * 4096);
    assertThat(totals.unmatchedFrees()).isZero();
  }

  @Test
  void shouldNotCallAMappingTemporaryWhenAMapOutsideThePendingRangeEndsIt() {
    TotalsNumbers totals =
        new Script().map(1, 1, 0, 2).unmapBegins(2, 1, 2, 1).map(3, 2, 0, 3).totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.temporaryAllocations()).isZero();
  }

  @Test
  void shouldJudgeByTheLastPieceWhenAMapTakesSeveralPiecesOfAMapping() {
    TotalsNumbers totals =
        new Script()
            .map(1, 1, 0, 3)
            .unmapBegins(2, 1, 0, 1)
            .unmap(3, 2, 1, 1)
            .map(4, 2, 0, 3)
            .totals();

    assertThat(totals.frees()).isEqualTo(1);
    assertThat(totals.temporaryAllocations()).as("page 2 was not being unmapped").isZero();
  }

  @Test
  void shouldCountOneUnmatchedFreeWhenAnUnknownRangeIsUnmapped() {
    TotalsNumbers totals = new Script().unmapBegins(1, 1, 0, 2).unmapSucceeds(2, 1).totals();

    assertThat(totals.unmatchedFrees()).isEqualTo(1);
  }
}
