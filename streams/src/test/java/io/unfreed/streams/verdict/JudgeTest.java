package io.unfreed.streams.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.ledger.EntryView;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import org.junit.jupiter.api.Test;

/** One block of 10 bytes in each tick of 100 units, and what becomes of it. */
class JudgeTest {
  private static final long TICK = 100;

  private final Ledger ledger = new Ledger(SizeRange.ALL);

  JudgeTest() {
    ledger.ensureEntries(1);
    ledger.accumulate(TICK);
  }

  private void alloc(long time) {
    ledger.alloc(0, 0, 16 * time, 10, 1, time);
  }

  private void free(long born, long time) {
    ledger.free(0, 16 * born, 1, time);
  }

  private Verdict judge(long moment, Long doubtfulUntil, boolean isOver) {
    EntryView view = ledger.view();
    Judge.Case asked = new Judge.Case(moment, doubtfulUntil, 1, TICK);
    return Judge.judge(view.accumulation(0, isOver), Trial.released(view, 0), asked);
  }

  private Verdict judge(long moment) {
    return judge(moment, null, false);
  }

  @Test
  void shouldCallItALeakWhenNoBlockIsFreed() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
    }

    Verdict verdict = judge(2000);

    assertThat(verdict).isInstanceOf(Verdict.Leaking.class);
    assertThat(verdict.confidence()).as("a cache that fills looks the same").isEqualTo(0.6);
    assertThat(((Verdict.Leaking) verdict).growth().bytesPerSecond()).isEqualTo(10);
  }

  @Test
  void shouldSayOneOffWhenTheLeakStopped() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
    }

    assertThat(judge(6000)).isInstanceOf(Verdict.OneOff.class);
  }

  @Test
  void shouldSayBoundedWhenEveryBlockIsFreed() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
      free(t, t + 30);
    }

    assertThat(judge(2000)).isInstanceOf(Verdict.Bounded.class);
  }

  @Test
  void shouldDecideNothingWhenALossHidesTheFrees() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
    }

    assertThat(judge(2000, 1900L, false))
        .isInstanceOfSatisfying(
            Verdict.Undecided.class, v -> assertThat(v.why()).isEqualTo(Verdict.Reason.LOSS));
    assertThat(judge(2000, 200L, false)).isInstanceOf(Verdict.Leaking.class);
  }

  @Test
  void shouldJudgeAsBeforeTheExitWhenItFreesAll() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
    }
    for (long t = 50; t < 2000; t += TICK) {
      free(t, 1990);
    }

    assertThat(judge(2000, null, true)).isInstanceOf(Verdict.Leaking.class);
    assertThat(judge(2000, null, false)).isNotInstanceOf(Verdict.Leaking.class);
  }

  /** Most of what is allocated is freed at once, so that it is no cache that fills. */
  @Test
  void shouldNotBeSureOfALeakWhenTheProgramMayStillBeStarting() {
    for (long t = 50; t < 1500; t += TICK) {
      for (long block = 0; block < 3; block++) {
        alloc(t + block);
        alloc(t + block + 10);
        free(t + block + 10, t + block + 11);
      }
      if (t == 650) {
        assertThat(judge(700)).isInstanceOf(Verdict.Leaking.class);
        assertThat(judge(700).confidence()).isEqualTo(0.6);
      }
    }

    assertThat(judge(1500)).isInstanceOf(Verdict.Leaking.class);
    assertThat(judge(1500).confidence()).isEqualTo(0.95);
  }

  /** Those of two of three ticks stay, at first; of the last two ticks all go at once. */
  @Test
  void shouldNotBeSureOfALeakWhenNoneHasJoinedLately() {
    for (long t = 50; t < 1100; t += TICK) {
      keep(t, t < 900 && t / TICK % 3 != 2 ? 3 : 0);
      churn(t, 3, 1);
      if (t == 950) {
        assertThat(judge(1000)).isInstanceOf(Verdict.Leaking.class);
        assertThat(judge(1000).confidence()).isEqualTo(0.95);
      }
    }

    assertThat(judge(1100)).isInstanceOf(Verdict.Leaking.class);
    assertThat(judge(1100).confidence()).isEqualTo(0.6);
  }

  private void keep(long time, int blocks) {
    for (int block = 0; block < blocks; block++) {
      alloc(time + 2 * block);
    }
  }

  private void churn(long time, int blocks, long life) {
    for (int block = 0; block < blocks; block++) {
      alloc(time + 2 * block + 1);
    }
    for (int block = 0; block < blocks; block++) {
      free(time + 2 * block + 1, time + 2 * block + 1 + life);
    }
  }

  /** What was seen of node: all that was ever freed went at one collection. */
  @Test
  void shouldNotBeSureOfALeakWhenAllThatWasFreedWentAtFewTimes() {
    for (int times = 1; times <= 4; times++) {
      JudgeTest one = new JudgeTest();
      for (long t = 50; t < 1400; t += TICK) {
        one.keep(t, 3);
        one.churn(t, t / TICK % 3 == 0 && t / TICK / 3 < times ? 12 : 0, 1);
      }

      assertThat(one.judge(1400)).isInstanceOf(Verdict.Leaking.class);
      assertThat(one.judge(1400).confidence())
          .as(times + " times")
          .isEqualTo(times < 4 ? 0.6 : 0.95);
    }
  }

  /** Nor behind its end: what an exit frees says nothing of whether it would have been freed. */
  @Test
  void shouldNotBeSurerOfALeakBehindAnExitThatFreesAll() {
    for (int times = 1; times <= 3; times++) {
      JudgeTest one = new JudgeTest();
      for (long t = 50; t < 1400; t += TICK) {
        one.keep(t, 3);
        one.churn(t, t / TICK % 3 == 0 && t / TICK / 3 < times ? 12 : 0, 1);
      }
      for (long t = 50; t < 1400; t += TICK) {
        for (int block = 0; block < 3; block++) {
          one.free(t + 2 * block, 1420);
        }
      }

      Verdict verdict = one.judge(1425, null, true);

      assertThat(verdict).isInstanceOf(Verdict.Leaking.class);
      assertThat(verdict.confidence()).as(times + " times").isEqualTo(0.6);
    }
  }

  /** What is built now and then, on top of what comes and goes. */
  @Test
  void shouldNotBeSureOfALeakWhenItJoinedInFewSlots() {
    for (int every = 2; every <= 3; every++) {
      JudgeTest one = new JudgeTest();
      for (long t = 50; t < 1400; t += TICK) {
        one.keep(t, t / TICK % every == 0 ? 3 : 0);
        one.churn(t, 3, 1);
      }

      assertThat(one.judge(1400)).isInstanceOf(Verdict.Leaking.class);
      assertThat(one.judge(1400).confidence()).isEqualTo(every == 2 ? 0.95 : 0.6);
    }
  }

  /** What lives for 150 may be what a collector has freed so far: 256 is the age of no return. */
  @Test
  void shouldNotBeSureOfALeakUntilTheAgeOfNoReturnHasPassedEightTimes() {
    for (long t = 50; t < 2500; t += TICK) {
      keep(t, 3);
      keep(t + 20, 3);
      for (long block = 0; t > TICK && block < 3; block++) {
        free(t - TICK + 20 + 2 * block, t + 70 + 2 * block);
      }
      if (t == 1450) {
        assertThat(judge(1500)).isInstanceOf(Verdict.Leaking.class);
        assertThat(judge(1500).confidence()).isEqualTo(0.6);
      }
    }

    assertThat(judge(2500)).isInstanceOf(Verdict.Leaking.class);
    assertThat(judge(2500).confidence()).isEqualTo(0.95);
  }

  /** What builds for four ticks keeps four blocks of twenty in each; later two come, and stay. */
  @Test
  void shouldNotBeSureOfALeakWhenFarFewerJoinThoughNearlyNoneIsBorn() {
    for (long t = 50; t < 1400; t += TICK) {
      long born = t < 400 ? 20 : t == 850 || t == 1250 ? 1 : 0;
      for (long block = 0; block < born; block++) {
        alloc(t + 2 * block);
        if (block >= 4) {
          free(t + 2 * block, t + 2 * block + 1);
        }
      }
    }

    assertThat(judge(1400)).isInstanceOf(Verdict.Leaking.class);
    assertThat(judge(1400).confidence()).as("a quiet night, or over").isEqualTo(0.6);
  }

  /** A realloc makes a larger block of each while it is filled; what is filled is kept. */
  @Test
  void shouldTakeNoGrownBlockForAFreedOneWhenACacheFills() {
    for (long t = 50; t < 2000; t += TICK) {
      alloc(t);
      ledger.heapIntent(16 * t, 1, t + 1);
      ledger.heapOutcome(0, 16 * t + 8, 20, 1, t + 1);
    }

    Verdict verdict = judge(2000);

    assertThat(verdict).isInstanceOf(Verdict.Leaking.class);
    assertThat(verdict.confidence()).as("a cache that fills looks the same").isEqualTo(0.6);
    assertThat(verdict.evidence().born()).isEqualTo(20);
    assertThat(verdict.evidence().freed()).isZero();
  }

  /** Each of ten is reallocated every tenth tick: they are what was there at the start. */
  @Test
  void shouldSayOneOffWhenWhatWasBuiltAtTheStartIsReallocatedOn() {
    long[] address = new long[10];
    for (int block = 0; block < address.length; block++) {
      address[block] = 16L * (block + 1);
      ledger.alloc(0, 0, address[block], 10, 1, 50 + block);
    }
    for (long t = 150; t < 5000; t += TICK) {
      int block = (int) (t / TICK) % address.length;
      ledger.heapIntent(address[block], 1, t);
      address[block] = 16 * t;
      ledger.heapOutcome(0, address[block], 10, 1, t);
    }

    Verdict verdict = judge(5000);

    assertThat(verdict).isInstanceOf(Verdict.OneOff.class);
    assertThat(verdict.evidence().born()).isEqualTo(10);
    assertThat(verdict.evidence().freed()).isZero();
    assertThat(ledger.view().accumulation(0, false).get(0, Accumulation.LIVE)).isEqualTo(10);
  }

  /** Connections of 50 ticks, of which each reallocates its buffer every tenth; one of 10 stays. */
  @Test
  void shouldCountTheWholeLifeOfABlockWhenItIsReallocatedOnTheWay() {
    long next = 16;
    long[][] open = new long[50][];
    for (long t = 50; t < 80_000; t += TICK) {
      int turn = (int) (t / TICK);
      if (open[turn % 50] != null) {
        ledger.free(0, open[turn % 50][0], 1, t);
      }
      next += 16;
      ledger.alloc(0, 0, next, 10, 1, t);
      open[turn % 50] = turn % 10 == 9 ? null : new long[] {next};
      for (int i = turn % 10; i < 50; i += 10) {
        if (open[i] != null) {
          next += 16;
          ledger.heapIntent(open[i][0], 1, t);
          ledger.heapOutcome(0, next, 10, 1, t);
          open[i][0] = next;
        }
      }
    }

    Verdict verdict = judge(80_000);

    assertThat(verdict).isInstanceOf(Verdict.Leaking.class);
    assertThat(verdict.confidence()).isEqualTo(0.95);
    assertThat(verdict.evidence().born()).isEqualTo(800);
    assertThat(verdict.evidence().age().units()).as("they live 50 ticks").isGreaterThan(50 * TICK);
    assertThat(verdict.evidence().age().freedYoung()).isGreaterThan(600);
  }

  @Test
  void shouldCallAContainerALeakWhenItsOnlyBlockIsReallocatedLarger() {
    ledger.alloc(0, 0, 16, 10, 1, 50);
    long at = 16;
    for (long t = 150; t < 3000; t += TICK) {
      ledger.heapIntent(at, 1, t);
      at = 16 * t;
      ledger.heapOutcome(0, at, t, 1, t);
    }

    assertThat(judge(3000))
        .isInstanceOfSatisfying(
            Verdict.Leaking.class,
            leak -> assertThat(leak.sort()).isEqualTo(Verdict.Kind.CONTAINER));
  }

  @Test
  void shouldCallAContainerALeakWhenItsOnlyBlockGrows() {
    long born = 50;
    ledger.alloc(0, 0, 16 * born, 10, 1, born);
    for (long t = 150; t < 3000; t += TICK) {
      free(born, t);
      ledger.alloc(0, 0, 16 * t, t, 1, t);
      born = t;
    }

    assertThat(judge(3000))
        .isInstanceOfSatisfying(
            Verdict.Leaking.class,
            leak -> assertThat(leak.sort()).isEqualTo(Verdict.Kind.CONTAINER));
  }
}
