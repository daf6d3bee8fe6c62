package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.model.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The topology keeps to the memory that it was given. */
class LedgerMemoryTest {
  private static final int BLOCKS = 60;

  @Test
  void shouldOnlyCountWhenALaneNeedsMoreThanItsShareOfTheGivenMemory() throws Exception {
    TotalsNumbers totals = totals(LaneBudget.ofBytes(48 * BLOCKS));

    assertThat(totals.outstandingCount()).isEqualTo(BLOCKS);
    assertThat(totals.certainBytes()).isZero();
    assertThat(totals.lostEvents()).isOne();
  }

  @Test
  void shouldBeCertainWhenTheSameLaneFits() throws Exception {
    TotalsNumbers totals = totals(LaneBudget.ofBytes(2 * 48 * BLOCKS));

    assertThat(totals.outstandingCount()).isEqualTo(BLOCKS - 1);
    assertThat(totals.certainBytes()).isEqualTo(8 * (BLOCKS - 1));
    assertThat(totals.lostEvents()).isZero();
  }

  private static TotalsNumbers totals(LaneBudget budget) throws Exception {
    Script script = new Script();
    for (int i = 0; i < BLOCKS; i++) {
      script.alloc(1 + i, 1, 16L * (i + 1), 8);
    }
    script.batch().free(70, 1, 16).plain(EventCodes.END, 80, 0);
    try (Bench bench = new Bench(budget)) {
      List<byte[]> batches = script.batches();
      batches.forEach(bench::pipe);
      return bench.reports(false).getLast().totals();
    }
  }
}
