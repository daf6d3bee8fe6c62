package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import org.junit.jupiter.api.Test;

/** Parts of snapshots as the first version wrote them. */
class OlderSnapshotTest {
  private static final long TICK = 100;

  /** Its rows began with four words: the place of the latest slot was not among them. */
  @Test
  void shouldGoOnCountingSlotsWhenTheFirstVersionWroteThem() {
    SlotTable expected = new SlotTable();
    expected.tick(TICK);
    expected.born(0, 50, 16, 50);
    expected.born(0, 150, 32, 150);

    SnapshotOut out = new SnapshotOut();
    out.put(1);
    out.put(TICK);
    out.put(1L);
    out.put(1);
    long[] row = {
      1, 0, 0, 1, // last tick, first slot, level, tick of the last birth
      1, 1, 16, 16, 0, 0, 1, 16, // born, live, their bytes, frees, life, floors
      1, 1, 32, 32, 0, 0, -1, -1
    };
    out.putAll(row);
    out.putAll(new long[0]);
    SlotTable restored = new SlotTable();
    restored.restoreFrom(new SnapshotIn(out.finish()));
    assertThat(restored.accumulation(0, false)).isEqualTo(expected.accumulation(0, false));

    for (SlotTable table : new SlotTable[] {expected, restored}) {
      table.freed(0, 50, 16, 160);
      table.born(0, 170, 64, 170);
      table.freed(0, 150, 32, 350);
    }
    assertThat(restored.accumulation(0, false)).isEqualTo(expected.accumulation(0, false));
  }

  /** It did not count how blocks are released: nobody knows, but where none was. */
  @Test
  void shouldNotKnowTemporaryAllocationsWhenTheFirstVersionCounted() {
    SnapshotOut out = new SnapshotOut();
    out.put(1);
    out.put(2);
    for (int counter = 0; counter < 8; counter++) {
      out.put(3L);
      out.put(counter == StackCounters.FREES ? 0L : 3L);
    }
    out.putAll(new long[] {3});
    out.putAll(new long[0]);
    out.put(0);
    out.put(new int[0], 0);
    StackCounters counters = new StackCounters();
    counters.restoreFrom(new SnapshotIn(out.finish()));
    counters.wasTemporary(0);
    counters.wasTemporary(1);
    counters.wasMoved(1);

    assertThat(counters.temporary(0)).isNull();
    assertThat(counters.moved(0)).isNull();
    assertThat(counters.temporary(1)).isEqualTo(1);
    assertThat(counters.moved(1)).isEqualTo(1);
  }

  /** It counted the outstanding blocks of each site in a column of their own. */
  @Test
  void shouldKnowSitesWhenTheFirstVersionCountedTheirBlocks() {
    SnapshotOut out = new SnapshotOut();
    out.put(1);
    out.put(2);
    int[][] columns = {{7, 8}, {0, 3}, {5, 6}, {1, 0}};
    for (int[] column : columns) {
      out.put(column[0]);
      out.put(column[1]);
    }
    SiteTable sites = new SiteTable();
    sites.restoreFrom(new SnapshotIn(out.finish()));
    assertThat(sites.size()).isEqualTo(2);
    assertThat(sites.site(7, 0, true)).isZero();
    assertThat(sites.site(8, 3, false)).isEqualTo(1);
    assertThat(sites.isAsked(0)).isTrue();
    assertThat(sites.isAsked(1)).isFalse();
  }
}
