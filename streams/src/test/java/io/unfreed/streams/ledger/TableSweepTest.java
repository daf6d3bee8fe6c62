package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a ledger gives back, and that nobody can tell from its numbers. */
class TableSweepTest {
  private static final int HEAP = AddressSpace.HEAP.ordinal();

  private final Ledger ledger = new Ledger(SizeRange.ALL);
  private long now;

  /** A million threads with 20 stacks each kept 863 MB with nothing outstanding. */
  @Test
  void shouldKnowFewThreadsAndSitesWhenManyHaveComeAndGone() {
    ledger.ensureEntries(20);
    int most = 0;
    for (int tid = 0; tid < 200_000; tid++) {
      for (int entry = 0; entry < 20; entry++) {
        ledger.alloc(HEAP, entry, 64 + entry, 8, tid, now++);
      }
      for (int entry = 0; entry < 20; entry++) {
        ledger.free(HEAP, 64 + entry, tid, now++);
      }
      if (tid % 50 == 0) {
        ledger.trim();
        most = Math.max(most, ledger.knownThreadsAndSites());
      }
    }
    assertThat(most).isLessThan(10_000);
    ledger.rest();
    assertThat(ledger.knownThreadsAndSites()).isZero();
    assertThat(ledger.totals().allocations()).isEqualTo(4_000_000);
    assertThat(ledger.totals().frees()).isEqualTo(4_000_000);
  }

  @Test
  void shouldNeedOneSiteForAStackWhenEachOfItsBlocksIsLeftByAnotherThread() {
    ledger.ensureEntries(2);
    for (int tid = 0; tid < 50_000; tid++) {
      ledger.alloc(HEAP, tid % 2, 16L * tid, 8, tid, now++);
      ledger.free(HEAP, 1, tid, now++);
      if (tid % 100 == 0) {
        ledger.trim();
      }
    }
    ledger.rest();
    assertThat(ledger.knownThreadsAndSites()).isEqualTo(2);
    for (int tid = 0; tid < 50_000; tid++) {
      ledger.free(HEAP, 16L * tid, 1, now++);
    }
    assertThat(ledger.totals().frees()).isEqualTo(50_000);
    assertThat(ledger.view().frees(0)).isEqualTo(25_000);
    assertThat(ledger.view().frees(1)).isEqualTo(25_000);
  }

  @Test
  void shouldStillSeeATemporaryAllocationWhenItRestsBetweenTheTwoEvents() {
    ledger.ensureEntries(1);
    ledger.alloc(HEAP, 0, 64, 8, 5, now++);
    ledger.rest();
    ledger.free(HEAP, 64, 5, now++);
    assertThat(ledger.totals().temporaryAllocations()).isEqualTo(1);
    ledger.map(0, 4096, 4096, 5, now++);
    ledger.rest();
    ledger.unmap(4096, 4096, 5, now++);
    assertThat(ledger.totals().temporaryAllocations()).isEqualTo(2);
  }

  /** The thread is forgotten while another one holds a block at the address of its last event. */
  @Test
  void shouldSeeNoTemporaryAllocationWhenTheBlockIsAnothersByThen() {
    ledger.ensureEntries(1);
    ledger.alloc(HEAP, 0, 64, 8, 5, now++);
    ledger.free(HEAP, 64, 6, now++);
    ledger.alloc(HEAP, 0, 64, 8, 6, now++);
    ledger.rest();
    ledger.free(HEAP, 64, 5, now++);
    assertThat(ledger.totals().temporaryAllocations()).isZero();
  }

  @Test
  void shouldKnowThePendingReleaseWhenItRestsBetweenIntentAndOutcome() {
    ledger.ensureEntries(1);
    for (int tid = 0; tid < 9; tid++) {
      ledger.free(HEAP, 1, tid, now++);
    }
    ledger.alloc(HEAP, 0, 64, 8, 7, now++);
    ledger.heapIntent(64, 7, now++);
    ledger.rest();
    ledger.heapOutcome(0, 128, 8, 7, now++);
    assertThat(ledger.totals().frees()).isEqualTo(1);
    assertThat(ledger.totals().missingOutcomes()).isZero();
    assertThat(ledger.totals().outstandingCount()).isEqualTo(1);
  }

  /** Blocks keep their stacks, times and sizes, large ones too, whatever is given back. */
  @Test
  void shouldCountTheSameWhenItRestsAtRandom() {
    for (int seed = 0; seed < 200; seed++) {
      assertThat(counted(seed, true)).as("seed " + seed).isEqualTo(counted(seed, false));
    }
  }

  private static String counted(int seed, boolean rests) {
    Random random = new Random(seed);
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(7);
    for (int i = 0; i < 2000; i++) {
      int tid = random.nextInt(1 + i / 50);
      int space = random.nextInt(2) * AddressSpace.SLAB.ordinal();
      long address = 16L * random.nextInt(60);
      switch (random.nextInt(6)) {
        case 0, 1 ->
            ledger.alloc(space, random.nextInt(7), address, random.nextLong(1L << 34), tid, i);
        case 2, 3 -> ledger.free(space, address, tid, i);
        case 4 -> ledger.map(random.nextInt(7), address << 12, 8192, tid, i);
        default -> ledger.heapIntent(address, tid, i);
      }
      if (rests && i % 37 == 0) {
        ledger.rest();
      }
    }
    EntryView view = ledger.view();
    StringBuilder all = new StringBuilder();
    for (int entry = 0; entry < 7; entry++) {
      all.append(view.outstandingBytes(entry)).append(' ').append(view.frees(entry)).append(' ');
      all.append(view.superseded(entry)).append('\n');
    }
    LedgerTotals totals = ledger.totals();
    return all.append(totals.temporaryAllocations())
        .append(' ')
        .append(totals.unmatchedFrees())
        .append(' ')
        .append(totals.missingOutcomes())
        .toString();
  }
}
