package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.Degraded;
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
    assertThat(totals.degraded()).isEqualTo(new Degraded(1, 60L, null, 1));
  }

  @Test
  void shouldBeCertainWhenTheSameLaneFits() throws Exception {
    TotalsNumbers totals = totals(LaneBudget.ofBytes(2 * 48 * BLOCKS));

    assertThat(totals.outstandingCount()).isEqualTo(BLOCKS - 1);
    assertThat(totals.certainBytes()).isEqualTo(8 * (BLOCKS - 1));
    assertThat(totals.lostEvents()).isZero();
    assertThat(totals.degraded()).isNull();
  }

  @Test
  void shouldSayHowManyLanesWhenOthersOfTheProcessFit() throws Exception {
    Script first = leaking(new Script(0, 3));
    Script second = leaking(new Script(1, 3).alloc(1, 1, 8, 5).batch());
    Script third = new Script(2, 3).alloc(90, 1, 64, 8).batch().plain(EventCodes.END, 110, 0);
    first.batch().free(70, 1, 16).plain(EventCodes.END, 80, 0);
    second.batch().free(100, 1, 16).free(101, 1, 32).plain(EventCodes.END, 110, 0);
    try (Bench bench = new Bench(LaneBudget.ofBytes(48 * BLOCKS))) {
      for (Script lane : List.of(first, second, third)) {
        lane.batches().forEach(bench::pipe);
      }
      TotalsNumbers totals = bench.reports(false).getLast().totals();

      assertThat(totals.degraded()).isEqualTo(new Degraded(2, 60L, null, 3));
      assertThat(totals.outstandingCount()).isEqualTo(2 * BLOCKS + 2);
      assertThat(totals.lostEvents()).isEqualTo(3);
    }
  }

  private static Script leaking(Script script) {
    for (int i = 0; i < BLOCKS; i++) {
      script.alloc(1 + i, 1, 16L * (i + 1), 8);
    }
    return script;
  }

  private static TotalsNumbers totals(LaneBudget budget) throws Exception {
    Script script = leaking(new Script());
    script.batch().free(70, 1, 16).plain(EventCodes.END, 80, 0);
    try (Bench bench = new Bench(budget)) {
      List<byte[]> batches = script.batches();
      batches.forEach(bench::pipe);
      return bench.reports(false).getLast().totals();
    }
  }
}
