package io.unfreed.streams.verdict;

import io.unfreed.streams.verdict.Verdict.Reason;

/**
 * The age of no return: do blocks that reached some age ever go, and do new ones keep joining them?
 * docs/decisions/verdicts.md has the rule, and how its numbers were chosen. Lifetimes are given by
 * power of two: bin 0 holds 0, bin i holds 2^(i-1) to 2^i - 1 units of the clock.
 */
public final class Judge {
  /** So many blocks must have reached the age of no return. */
  static final long FEWEST_REACHED = 8;

  /** At most this share of them was freed later. */
  static final double MOST_FREED_LATER = 0.05;

  /** The age of no return is at most this share of what was seen. */
  static final int SPANS = 4;

  static final int FEWEST_SLOTS = 4;
  static final int FEWEST_JOINED = 3;

  /** In fewer a program may still be starting: what it builds then stays, and new things join. */
  static final int SURE_SLOTS = 8;

  /** Fewer survivors than this share in the second half are slowing down. */
  static final double SLOWER = 0.6;

  static final double SLOWER_PROBABILITY = 0.001;
  static final double FALLING_PROBABILITY = 0.02;
  static final double RISING_PROBABILITY = 0.01;
  static final double RISEN = 1.5;
  static final double SAME = 1.1;
  static final double BACKLOG_AGE = 0.6;

  /** No leak is surer. */
  public static final double MOST_CONFIDENT = 0.95;

  /** Where fewer were ever freed young: a cache that fills looks the same. */
  static final double CACHE_CONFIDENCE = 0.6;

  static final long FEWEST_FREED_YOUNG = 8;

  /** Frees in fewer slots may be a collector's or a flush's, which frees the others later. */
  static final int FEWEST_FREED_SLOTS = 4;

  /** In fewer slots with survivors things may have been built that are built no more. */
  static final int SURE_JOINED = 6;

  /** For a leak to be sure the age of no return is at most this share: a collector may be late. */
  static final int SURE_SPANS = 8;

  /** Where it is less probable that none joined for so long by chance, they may have ceased to. */
  static final double STOPPED = 0.1;

  private static final double BALANCE_DEVIATIONS = 3;
  private static final double NEARLY_ALL = 0.99;

  /**
   * As of when and among what a stack is judged.
   *
   * @param moment on the clock
   * @param doubtfulUntil blocks born until then may have been freed by lost events; null for none
   * @param stacks how many are judged: so many could look like a leak by chance
   * @param unitsPerSecond of the clock; 0 when it does not tell time
   */
  public record Case(long moment, Long doubtfulUntil, int stacks, double unitsPerSecond) {}

  private final Case asked;
  private final Accumulation acc;
  private final Histogram released;
  private final Survival survival;
  private final Rates rates;
  private final int complete;

  private Judge(Case asked, Accumulation acc, Released released) {
    this.asked = asked;
    this.acc = acc;
    this.released = withoutExit(released, acc).gone();
    this.survival = new Survival(acc, this.released, asked);
    this.rates = new Rates(acc, asked);
    this.complete = survival.completeSlots(asked.moment());
  }

  /** Frees that an exit made, and that were taken back, are those of the longest lifetimes. */
  private static Released withoutExit(Released released, Accumulation acc) {
    long live = acc.sum(Accumulation.LIVE);
    long gone = released.gone().stream().sum();
    long takenBack = gone - (acc.sum(Accumulation.BORN) - live);
    return takenBack > 0 && takenBack <= live ? released.withoutOldest(takenBack) : released;
  }

  /** Judges what a stack accumulated, given its released blocks. */
  public static Verdict judge(Accumulation accumulated, Released released, Case asked) {
    return new Judge(asked, accumulated.at(asked.moment()), released).verdict();
  }

  private Verdict verdict() {
    int from = survival.firstCertain();
    if (from >= acc.slots()) {
      return new Verdict.Undecided(Reason.LOSS, evidence(null, Window.NONE));
    }
    Evidence.Age age = survival.ageOfNoReturn(from);
    if (age == null) {
      return from > 0 ? doubtful(Window.NONE) : withoutAge();
    }
    int to = Math.min(complete, survival.completeSlots(asked.moment() - age.units()));
    Window window = Window.of(acc, from, to);
    Verdict verdict = withAge(age, window);
    if (from > 0 && verdict instanceof Verdict.Undecided) {
      return doubtful(window);
    }
    if (!(verdict instanceof Verdict.Leaking) && from == 0) {
      Verdict container = container(age);
      return container == null ? verdict : container;
    }
    return verdict;
  }

  private Verdict doubtful(Window window) {
    return new Verdict.Undecided(Reason.LOSS, evidence(null, window));
  }

  /** Blocks that reached an age stay. */
  private Verdict withAge(Evidence.Age age, Window window) {
    Evidence evidence = evidence(age, window);
    double confidence = confidence(age, window);
    if (window.slots() < FEWEST_SLOTS) {
      return new Verdict.Undecided(Reason.TOO_SHORT, evidence);
    }
    if (window.later() == 0 || window.hasStopped()) {
      return new Verdict.OneOff(confidence, evidence);
    }
    if (window.joined() < FEWEST_JOINED) {
      return new Verdict.Undecided(Reason.TOO_FEW, evidence);
    }
    if (isSlowing(window, age)) {
      return new Verdict.WarmUp(confidence, evidence);
    }
    return new Verdict.Leaking(
        confidence, rates.ofSurvivors(window), Verdict.Kind.BLOCKS, evidence);
  }

  private boolean isSlowing(Window w, Evidence.Age age) {
    boolean smallerShare =
        age.freedYoung() == 0
            || (double) w.later() / w.bornLater()
                <= SLOWER * w.earlier() / Math.max(1, w.bornEarlier());
    return isFewer(w)
        && smallerShare
        && Statistics.fallingProbability(w.live()) < FALLING_PROBABILITY;
  }

  /** Clearly fewer join than before, perhaps because fewer are born. */
  private static boolean isFewer(Window w) {
    return w.later() <= SLOWER * w.earlier()
        && Statistics.binomialTail(w.earlier() + w.later(), w.later()) < SLOWER_PROBABILITY;
  }

  /** Blocks of any age are freed. */
  private Verdict withoutAge() {
    Window all = Window.of(acc, 0, complete);
    Evidence evidence = evidence(null, all);
    if (complete < FEWEST_SLOTS) {
      return new Verdict.Undecided(Reason.TOO_SHORT, evidence);
    }
    Verdict container = container(null);
    if (container != null) {
      return container;
    }
    double[] floor = all.word(Accumulation.FLOOR);
    double last = floor[floor.length - 1];
    boolean comesBack = comesBack(all);
    if (isRising(floor) && !comesBack) {
      double life = meanLife(complete - Math.max(1, complete / 4), complete);
      return life >= BACKLOG_AGE * oldestAge()
          ? new Verdict.Queue(balance(all), false, evidence)
          : new Verdict.Undecided(Reason.GROWS, evidence);
    }
    double highest = highest(floor);
    if (highest > 0 && last <= highest / 2 && isDraining()) {
      return new Verdict.Queue(balance(all), true, evidence);
    }
    return settled(all, evidence);
  }

  private Verdict settled(Window all, Evidence evidence) {
    int half = complete / 2;
    double born = sum(Accumulation.BORN, half);
    double freed = sum(Accumulation.FREES, half);
    if (born == 0 && freed == 0 && acc.sum(Accumulation.LIVE) > 0) {
      return new Verdict.OneOff(balance(all), evidence);
    }
    return born - freed <= BALANCE_DEVIATIONS * Math.sqrt(born + freed) || comesBack(all)
        ? new Verdict.Bounded(balance(all), evidence)
        : new Verdict.Undecided(Reason.UNSTEADY, evidence);
  }

  /** Whether it held as little lately as it did before. */
  private static boolean comesBack(Window all) {
    double[] floor = all.word(Accumulation.FLOOR);
    double before = Double.MAX_VALUE;
    double lately = Double.MAX_VALUE;
    for (int i = 1; i < floor.length; i++) {
      before = i < floor.length / 2 ? Math.min(before, floor[i]) : before;
      lately = i >= floor.length / 2 ? Math.min(lately, floor[i]) : lately;
    }
    return lately <= SAME * before + BALANCE_DEVIATIONS * Math.sqrt(before + 1);
  }

  /** As many blocks as before, but the least bytes they hold rise and rise. */
  private Verdict container(Evidence.Age age) {
    Window all = Window.of(acc, 0, complete);
    if (complete < FEWEST_SLOTS * 2) {
      return null;
    }
    double[] bytes = all.word(Accumulation.FLOOR_BYTES);
    double[] count = all.word(Accumulation.FLOOR);
    int n = bytes.length;
    double rise = bytes[n - 1] - bytes[n / 2];
    double riseBefore = bytes[n / 2] - bytes[0];
    boolean sameCount = count[n / 4] > 0 && count[n - 1] <= SAME * count[n / 4];
    if (!sameCount || !isRising(bytes) || rise < SLOWER * riseBefore) {
      return null;
    }
    double probability = Statistics.risingProbability(bytes);
    double confidence = Math.clamp(1 - asked.stacks() * probability, 0.0, CACHE_CONFIDENCE);
    return new Verdict.Leaking(
        confidence, rates.ofContainer(bytes), Verdict.Kind.CONTAINER, evidence(age, all));
  }

  private static boolean isRising(double... floor) {
    return floor[floor.length - 1] > RISEN * floor[floor.length / 2]
        && Statistics.risingProbability(floor) < RISING_PROBABILITY;
  }

  private double confidence(Evidence.Age age, Window window) {
    double chance = Statistics.binomialTail(age.reached(), age.freedLater());
    boolean mayFill =
        age.freedYoung() < FEWEST_FREED_YOUNG
            || acc.isFreedInFewer(FEWEST_FREED_SLOTS)
            || window.slots() < SURE_SLOTS
            || window.joined() < SURE_JOINED
            || age.units() * (double) SURE_SPANS > asked.moment() - acc.start(window.from());
    boolean mayHaveStopped =
        isFewer(window) || Window.of(acc, window.from(), complete).chanceOfSilence() < STOPPED;
    double most = mayFill || mayHaveStopped ? CACHE_CONFIDENCE : MOST_CONFIDENT;
    return Math.clamp(1 - asked.stacks() * chance, 0.0, most);
  }

  /** The more came and went, the surer. */
  private double balance(Window all) {
    double events = all.sum(Accumulation.BORN) + all.sum(Accumulation.FREES);
    return Math.clamp(1 - asked.stacks() / (1 + events), 0.0, MOST_CONFIDENT);
  }

  private double meanLife(int from, int to) {
    double life = 0;
    double frees = 0;
    for (int slot = from; slot < to; slot++) {
      life += acc.get(slot, Accumulation.LIFE);
      frees += acc.get(slot, Accumulation.FREES);
    }
    return frees == 0 ? 0 : Math.scalb(life / frees, Accumulation.LIFE_SHIFT);
  }

  private boolean isDraining() {
    int quarter = Math.max(1, complete / 4);
    double early = meanLife(0, quarter);
    return early > 0 && meanLife(complete - quarter, complete) >= 2 * early;
  }

  private double oldestAge() {
    for (int slot = 0; slot < acc.slots(); slot++) {
      if (acc.get(slot, Accumulation.LIVE) > 0) {
        return asked.moment() - acc.start(slot);
      }
    }
    return 0;
  }

  private double sum(int word, int from) {
    double sum = 0;
    for (int slot = from; slot < acc.slots(); slot++) {
      sum += acc.get(slot, word);
    }
    return sum;
  }

  private static double highest(double... values) {
    double highest = 0;
    for (double value : values) {
      highest = Math.max(highest, value);
    }
    return highest;
  }

  private Evidence evidence(Evidence.Age age, Window w) {
    long freed = released.stream().sum();
    long within = 0;
    long least = age == null ? freed : age.freedYoung();
    long seen = 0;
    for (int bin = 0; bin < released.buckets() && seen < NEARLY_ALL * least; bin++) {
      seen += released.get(bin);
      within = 1L << bin;
    }
    return new Evidence(
        Math.max(freed, Math.min(acc.sum(Accumulation.BORN), acc.sum(Accumulation.LIVE) + freed)),
        freed,
        within,
        age,
        new Evidence.Survivors(
            (long) w.sum(Accumulation.LIVE),
            (long) w.sum(Accumulation.LIVE_BYTES),
            w.earlier(),
            w.later()),
        new Evidence.Slots(w.slots(), w.joined(), (long) acc.slotLength(), w.lastJoined()));
  }
}
