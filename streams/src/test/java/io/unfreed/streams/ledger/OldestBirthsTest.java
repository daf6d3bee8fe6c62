package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The oldest block of each stack, and what it costs to know it. */
class OldestBirthsTest {
  private static final int HEAP = AddressSpace.HEAP.ordinal();
  private static final int TID = 1;

  private final Ledger ledger = new Ledger(SizeRange.ALL);

  /** An outstanding block, as the test keeps it. */
  private record Block(long address, long time) {}

  private enum Order {
    FIRST_IN_FIRST_OUT,
    LAST_IN_FIRST_OUT,
    RANDOM
  }

  @Test
  void shouldKnowTheOldestBlockWhateverGoesFirst() {
    for (int seed = 0; seed < 300; seed++) {
      check(new Random(seed), "seed " + seed);
    }
  }

  private static void check(Random random, String what) {
    Ledger ledger = new Ledger(SizeRange.ALL);
    ledger.followOldest();
    int entries = 1 + random.nextInt(6);
    ledger.ensureEntries(entries);
    List<List<Block>> held = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      held.add(new ArrayList<>());
    }
    int ties = 1 + random.nextInt(20);
    int back = random.nextInt(30);
    for (int i = 0; i < 3000; i++) {
      int entry = random.nextInt(entries);
      long time = (long) i / ties - (back == 0 ? 0 : random.nextInt(back));
      List<Block> of = held.get(entry);
      boolean grows = i / 500 % 2 == 0;
      if (of.isEmpty() || random.nextInt(10) < (grows ? 7 : 3)) {
        of.add(new Block(16L * i, time));
        ledger.alloc(HEAP, entry, 16L * i, 8, TID, time);
      } else {
        Block gone =
            switch (Order.values()[entry % 3]) {
              case FIRST_IN_FIRST_OUT -> of.removeFirst();
              case LAST_IN_FIRST_OUT -> of.removeLast();
              case RANDOM -> of.remove(random.nextInt(of.size()));
            };
        ledger.free(HEAP, gone.address(), TID, time);
      }
      if (i == 1700) {
        ledger.exec(time);
        held.forEach(List::clear);
      }
      if (random.nextInt(20) == 0) {
        EntryView view = ledger.view();
        for (int e = 0; e < entries; e++) {
          Long oldest = held.get(e).stream().map(Block::time).min(Long::compare).orElse(null);
          assertThat(view.oldestTimeNanos(e)).as("%s, event %d", what, i).isEqualTo(oldest);
        }
      }
    }
  }

  /** A queue of 300 beside 200,000 blocks that stay: the first statement walks, no other does. */
  @Test
  void shouldWalkOverAllBlocksOnceWhenASmallQueueMovesOn() {
    ledger.followOldest();
    ledger.ensureEntries(2);
    for (int i = 0; i < 200_000; i++) {
      ledger.alloc(HEAP, 0, 16L * i, 8, TID, i);
    }
    for (int i = 0; i < 20_000; i++) {
      ledger.alloc(HEAP, 1, -16L * (i + 1), 8, TID, 1_000_000 + i);
      if (i >= 300) {
        ledger.free(HEAP, -16L * (i - 299), TID, 1_000_000 + i);
      }
      if (i % 100 == 99) {
        Long oldest = ledger.view().oldestTimeNanos(1);
        assertThat(oldest).isEqualTo(1_000_000 + Math.max(0, i - 299));
      }
    }
    assertThat(ledger.visitedBlocks()).isBetween(200_000L, 210_000L);
  }

  /** What is too large to be kept is walked over again when a sixteenth of it is gone. */
  @Test
  void shouldWalkSeldomWhenAllBlocksAreOneQueue() {
    ledger.followOldest();
    ledger.ensureEntries(1);
    for (int i = 0; i < 200_000; i++) {
      ledger.alloc(HEAP, 0, 16L * i, 8, TID, i);
    }
    for (int i = 0; i < 100_000; i++) {
      ledger.free(HEAP, 16L * i, TID, 1_000_000 + i);
      if (i % 100 == 0) {
        assertThat(ledger.view().oldestTimeNanos(0)).isEqualTo(i + 1);
      }
    }
    assertThat(ledger.visitedBlocks()).isLessThan(20 * 200_000L);
  }
}
