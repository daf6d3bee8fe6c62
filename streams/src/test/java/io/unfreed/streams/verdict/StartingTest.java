package io.unfreed.streams.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Programs that start, asked at every tick. Numbers were chosen on the seeds 1 to 40 and are judged
 * here on others: -Dunfreed.verdict.seed and -Dunfreed.verdict.starts say which.
 */
class StartingTest {
  private static final long SEED = Long.getLong("unfreed.verdict.seed", 1001);
  private static final int STARTS = Integer.getInteger("unfreed.verdict.starts", 40);

  @Test
  void shouldBeSureOfNoLeakWhileAProgramStarts() {
    int[] sums = new int[6];
    List<Double> named = new ArrayList<>();
    List<Double> sure = new ArrayList<>();
    List<Double> sureAlone = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      StartingProgram one = new StartingProgram(SEED + i);
      sums[0] += one.judgements;
      sums[1] += one.falseAlone;
      sums[2] += one.falseOfStart;
      sums[3] += one.falseOfStores;
      sums[4] += one.falseOfServing;
      sums[5] += one.leaks;
      named.addAll(one.named);
      sure.addAll(one.sure);
      sureAlone.addAll(one.sureAlone);
      one.misses.forEach(System.out::println);
    }

    System.out.printf(
        Locale.ROOT,
        "programs that start, seeds %d + 0 .. %d: %,d judgements; false leaks at >= .9 of stacks alone %d; "
            + "with the others %d of what started, %d of stores, %d of what serves%n"
            + "%d leaks: named %s, sure %s, alone %s%n",
        SEED,
        STARTS - 1,
        sums[0],
        sums[1],
        sums[2],
        sums[3],
        sums[4],
        sums[5],
        times(named),
        times(sure),
        times(sureAlone));
    assertThat(sums[3] + sums[4]).as("false leaks that are sure of what serves").isZero();
    assertThat(sums[2]).as("of what started").isLessThanOrEqualTo(sums[1] / 20);
    assertThat(sure.size()).as("leaks that are sure in the end").isGreaterThan(sums[5] * 9 / 10);
  }

  @Test
  void shouldBeStartingUntilAsMuchTimeHasPassedAgainWhenStacksKeepBeginning() {
    List<Accumulation> begun = new ArrayList<>();
    for (int tick = 0; tick < 8; tick++) {
      begun.add(kept(tick));
    }

    assertThat(isStarting(begun, at(900))).isTrue();
    assertThat(isStarting(begun, at(1400))).as("as much time again").isTrue();
    assertThat(isStarting(begun, at(1500))).isFalse();
  }

  @Test
  void shouldNotBeStartingForEverWhenStacksNeverCeaseToBegin() {
    List<Accumulation> begun = new ArrayList<>();
    for (int tick = 0; tick < 8; tick++) {
      begun.add(kept(tick));
    }

    double young = 901 / Starting.MOST_SECONDS;
    assertThat(isStarting(begun, timed(900, young))).isTrue();
    assertThat(isStarting(begun, timed(900, young * 0.9))).isFalse();
  }

  private static Judge.Case at(long moment) {
    return timed(moment, 0);
  }

  private static Judge.Case timed(long moment, double unitsPerSecond) {
    return new Judge.Case(moment, null, 1, unitsPerSecond);
  }

  /** It may be a leak that begins late; the others may be sure that as much again is to come. */
  @Test
  void shouldNotBeStartingForTheOnlyStackThatBeginsLate() {
    List<Accumulation> begun = List.of(kept(0), kept(0), kept(0), kept(9));

    assertThat(Starting.of(begun, at(1200)).isStarting(begun.get(3))).isFalse();
    assertThat(Starting.of(begun, at(1200)).isStarting(begun.get(0))).isTrue();
  }

  @Test
  void shouldNotBeStartingWhenOneOfManyStacksBeginsLate() {
    List<Accumulation> begun = new ArrayList<>(Collections.nCopies(20, kept(0)));
    begun.add(kept(9));

    assertThat(isStarting(begun, at(1200))).isFalse();
  }

  /** By chance no third one begins for so long in one of six programs that go on starting. */
  @Test
  void shouldBeStartingWhenTheOthersAreTooFewToTell() {
    List<Accumulation> few = List.of(kept(0), kept(1), kept(4));
    List<Accumulation> many = new ArrayList<>(Collections.nCopies(6, kept(4)));
    many.add(kept(0));

    assertThat(isStarting(few, at(1000))).isTrue();
    assertThat(isStarting(many, at(1000))).isFalse();
  }

  @Test
  void shouldNotBeStartingWhenAllBeganAtOnceLateInTheSession() {
    assertThat(isStarting(List.of(kept(7), kept(7), kept(7)), at(1200))).isFalse();
  }

  private static boolean isStarting(List<Accumulation> begun, Judge.Case asked) {
    return Starting.of(begun, asked).isStarting(null);
  }

  @Test
  void shouldBeNoSurerThanACacheWhileItStarts() {
    Evidence evidence =
        new Evidence(
            100,
            50,
            1,
            new Evidence.Age(4, 50, 0, 50),
            new Evidence.Survivors(50, 500, 25, 25),
            new Evidence.Slots(12, 12, 100, 1200));
    Verdict leaking = new Verdict.Leaking(0.95, null, Verdict.Kind.BLOCKS, evidence);

    List<Accumulation> others = List.of(kept(0), kept(9));
    Verdict seen = Starting.of(others, at(1200)).seen(leaking, null);

    assertThat(seen.confidence()).isEqualTo(0.6);
    assertThat(Sentence.of(seen, true))
        .endsWith("; a program that starts or collects garbage looks the same");
    assertThat(Starting.NO.seen(leaking, null)).isEqualTo(leaking);
    assertThat(Sentence.of(leaking, true)).endsWith(", rate unchanged");
  }

  /** A stack that keeps a block in each tick of 100 units from one on. */
  private static Accumulation kept(int firstTick) {
    int slots = 13 - firstTick;
    long[] words = Accumulation.resized(new long[0], slots);
    for (int slot = 0; slot < slots; slot++) {
      words[slot * Accumulation.WORDS + Accumulation.BORN] = 1;
      words[slot * Accumulation.WORDS + Accumulation.LIVE] = 1;
    }
    return new Accumulation(100, 0, firstTick, 12, words);
  }

  private static String times(List<Double> seconds) {
    seconds.sort(null);
    return seconds.isEmpty()
        ? "never"
        : String.format(
            Locale.ROOT,
            "%d after %.0f s (9 of 10 within %.0f s)",
            seconds.size(),
            seconds.get(seconds.size() / 2),
            seconds.get(seconds.size() * 9 / 10));
  }
}
