package io.unfreed.streams.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Growing: the outstanding count rose in each of the last three ticks; the tick is 100 ns. */
class GrowingTest {
  private final Script script = new Script();

  @Test
  void shouldGrowWhenTheCountRoseInThreeTicksInARow() {
    script.alloc(10, 1, 16, 1).alloc(110, 1, 32, 1).alloc(210, 1, 48, 1).alloc(310, 1, 64, 1);

    assertThat(verdicts()).containsExactly(false, false, true, true);
  }

  @Test
  void shouldNotGrowWhenTheCountStoodStillInOneTick() {
    script
        .alloc(10, 1, 16, 1)
        .alloc(110, 1, 32, 1)
        .free(210, 1, 32)
        .alloc(220, 1, 32, 1)
        .alloc(310, 1, 64, 1)
        .alloc(410, 1, 80, 1);

    assertThat(verdicts()).containsExactly(false, false, false, false, false);
  }

  @Test
  void shouldNotGrowWhenBoundariesWereSkipped() {
    script
        .alloc(10, 1, 16, 1)
        .alloc(110, 1, 32, 1)
        .alloc(210, 1, 48, 1)
        .alloc(510, 1, 64, 1)
        .alloc(610, 1, 80, 1);

    assertThat(verdicts())
        .as("ticks 1, 2, 5 for 3 to 5, 6, end")
        .containsExactly(false, false, false, false, false);
  }

  @Test
  void shouldGrowWhenTheProcessBeganLate() {
    script.alloc(510, 1, 16, 1).alloc(610, 1, 32, 1).alloc(710, 1, 48, 1).alloc(810, 1, 64, 1);

    assertThat(verdicts()).containsExactly(false, false, true, true);
  }

  private List<Boolean> verdicts() {
    LedgerRun run = new LedgerRun(new ReportQuery(SizeRange.ALL, 0, null, 100L));
    return Script.feed(script.batches(), run).finish().stream()
        .map(report -> report.stacks().getFirst().growing())
        .toList();
  }
}
