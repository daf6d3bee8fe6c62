package io.unfreed.streams.verdict;

import java.util.Arrays;

/**
 * What a stack accumulated: births, survivors and frees in at most 16 equal slots of time. A slot
 * is 2^level ticks long and has a number: slot n begins at n * 2^level ticks of the clock. The
 * clock is the session's time, or the bytes allocated so far where the source has no times.
 *
 * <p>Of each slot eight numbers are kept:
 *
 * <pre>
 *   0 born      blocks born in it              4 frees       frees in it, of blocks of any slot
 *   1 live      of those, not freed            5 life        sum of these blocks' lifetimes, 1024ths
 *   2 liveBytes bytes of the live ones         6 floor       least live blocks of all slots at the
 *   3 bornBytes bytes of the born ones                       ends of ticks in it, -1: none ended
 *                                              7 floorBytes  the same of bytes
 * </pre>
 *
 * <p>Accumulations of one stack in several lanes add up; only their floors together may be lower
 * than the floor of both. Not to be changed.
 */
public final class Accumulation {
  public static final int SLOTS = 16;
  public static final int WORDS = 8;
  public static final int BORN = 0;
  public static final int LIVE = 1;
  public static final int LIVE_BYTES = 2;
  public static final int BORN_BYTES = 3;
  public static final int FREES = 4;
  public static final int LIFE = 5;
  public static final int FLOOR = 6;
  public static final int FLOOR_BYTES = 7;

  /** A floor of a slot in which no tick ended yet. */
  public static final long NO_FLOOR = -1;

  /** Lifetimes are added up in units of so many bits. */
  public static final int LIFE_SHIFT = 10;

  private static final long QUIET_TICKS = 2;

  private final long tick;
  private final int level;
  private final long first;
  private final long lastTick;
  private final long[] words;

  /**
   * An accumulation.
   *
   * @param tick units of the clock in a tick
   * @param first number of the first slot
   * @param lastTick the tick of the last change: no tick from it on has ended in the floors
   * @param words eight numbers for each slot, see above
   */
  public Accumulation(long tick, int level, long first, long lastTick, long... words) {
    if (tick <= 0 || level < 0 || level > 62 || first < 0 || lastTick < 0) {
      throw new IllegalArgumentException(
          "tick " + tick + ", level " + level + ", slot " + first + ", last tick " + lastTick);
    }
    if (lastTick > Long.MAX_VALUE / tick || first + words.length / WORDS - 1 != lastTick >> level) {
      throw new IllegalArgumentException(
          words.length / WORDS + " slots from " + first + " do not end with tick " + lastTick);
    }
    if (words.length % WORDS != 0 || words.length == 0 || words.length > SLOTS * WORDS) {
      throw new IllegalArgumentException(words.length + " numbers in slots of " + WORDS);
    }
    this.tick = tick;
    this.level = level;
    this.first = first;
    this.lastTick = lastTick;
    this.words = words;
  }

  /** The tick of a moment: a tick lies behind its start and includes its end. */
  public static long tickOf(long moment, long tick) {
    return moment <= 0 ? 0 : (moment - 1) / tick;
  }

  /** Units of the clock in a tick. */
  public long tick() {
    return tick;
  }

  /** A slot is 2 to this power ticks long. */
  public int level() {
    return level;
  }

  /** Number of the first slot. */
  public long first() {
    return first;
  }

  /** The tick of the last change. */
  public long lastTick() {
    return lastTick;
  }

  /** When the second tick behind the one of the last change ends. */
  public long quietFrom() {
    return Math.min(lastTick + QUIET_TICKS, Long.MAX_VALUE / tick) * tick;
  }

  /** Slots. */
  public int slots() {
    return words.length / WORDS;
  }

  /** A copy of all numbers. */
  public long[] words() {
    return words.clone();
  }

  /** One number of a slot, counted from the first. */
  public long get(int slot, int word) {
    return words[slot * WORDS + word];
  }

  /** One number over all slots; not for floors. */
  public long sum(int word) {
    long sum = 0;
    for (int i = word; i < words.length; i += WORDS) {
      sum = capped(sum, words[i]);
    }
    return sum;
  }

  /** Whether blocks were freed, but in fewer slots than that. */
  boolean isFreedInFewer(int slots) {
    int freed = 0;
    for (int i = FREES; i < words.length; i += WORDS) {
      freed += words[i] > 0 ? 1 : 0;
    }
    return freed > 0 && freed < slots;
  }

  /** Length of a slot in units of the clock. */
  public double slotLength() {
    return Math.scalb((double) tick, level);
  }

  /** Where a slot begins on the clock, also one behind the last. */
  public double start(int slot) {
    return (first + slot) * slotLength();
  }

  /**
   * The same at a later moment of the clock, when nothing happened since: slots up to the one of
   * the moment, and the floors of the ticks that ended.
   */
  public Accumulation at(long moment) {
    return atTick(moment / tick);
  }

  private Accumulation atTick(long now) {
    if (now <= lastTick) {
      return this;
    }
    Accumulation wide = this;
    while ((now >> wide.level) - wide.first >= SLOTS) {
      wide = wide.coarser();
    }
    int slots = (int) ((now >> wide.level) - wide.first) + 1;
    long[] later = resized(wide.words, Math.max(slots, wide.slots()));
    long live = sum(LIVE);
    long bytes = sum(LIVE_BYTES);
    int from = (int) ((lastTick >> wide.level) - wide.first);
    int to = (int) (((now - 1) >> wide.level) - wide.first);
    for (int slot = from; slot <= to; slot++) {
      lower(later, slot * WORDS + FLOOR, live);
      lower(later, slot * WORDS + FLOOR_BYTES, bytes);
    }
    return new Accumulation(tick, wide.level, wide.first, now, later);
  }

  /**
   * Only who was born, who stays and how many were freed, by slots up to the moment: what tells
   * whether several stacks are one leak. The rest is as if nothing had been noted.
   */
  public Accumulation survivorsAt(long moment) {
    Accumulation now = at(moment);
    long[] kept = resized(new long[0], now.slots());
    for (int slot = 0; slot < now.slots(); slot++) {
      for (int word : new int[] {BORN, LIVE, LIVE_BYTES, FREES}) {
        kept[slot * WORDS + word] = now.get(slot, word);
      }
    }
    return new Accumulation(tick, now.level, now.first, now.lastTick, kept);
  }

  /** The sum with another lane's, both as of the same moment; null is nothing. */
  public static Accumulation sum(Accumulation a, Accumulation b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.plus(b);
  }

  private Accumulation plus(Accumulation other) {
    if (tick != other.tick) {
      return this; // no lanes of one process say so
    }
    long last = Math.max(lastTick, other.lastTick);
    Accumulation a = atTick(last);
    Accumulation b = other.atTick(last);
    while (a.level != b.level || Math.max(a.end(), b.end()) - Math.min(a.first, b.first) > SLOTS) {
      if (a.level <= b.level) {
        Accumulation coarser = a.coarser();
        b = a.level == b.level ? b.coarser() : b;
        a = coarser;
      } else {
        b = b.coarser();
      }
    }
    long from = Math.min(a.first, b.first);
    int slots = (int) (Math.max(a.end(), b.end()) - from);
    long[] sum = resized(new long[0], slots);
    a.addTo(sum, (int) (a.first - from));
    b.addTo(sum, (int) (b.first - from));
    return new Accumulation(tick, a.level, from, last, sum);
  }

  /** Where a lane has no floor in a slot it had nothing, or holds what it did before. */
  private void addTo(long[] sum, int shift) {
    for (int i = 0; i < words.length; i++) {
      int at = shift * WORDS + i;
      int word = i % WORDS;
      if (word < FLOOR) {
        sum[at] = capped(sum[at], words[i]);
      } else if (words[i] != NO_FLOOR) {
        sum[at] = (sum[at] == NO_FLOOR ? 0 : sum[at]) + words[i];
      }
    }
  }

  private long end() {
    return first + slots();
  }

  /** The same in slots of twice the length. */
  Accumulation coarser() {
    long from = first >> 1;
    int slots = (int) (((first + slots() - 1) >> 1) - from) + 1;
    long[] half = resized(new long[0], slots);
    for (int slot = 0; slot < slots(); slot++) {
      merge(words, slot * WORDS, half, (int) (((first + slot) >> 1) - from) * WORDS);
    }
    return new Accumulation(tick, level + 1, from, lastTick, half);
  }

  /** Adds a slot to another. */
  public static void merge(long[] from, int at, long[] to, int toAt) {
    for (int word = 0; word < FLOOR; word++) {
      to[toAt + word] = capped(to[toAt + word], from[at + word]);
    }
    for (int word = FLOOR; word < WORDS; word++) {
      if (from[at + word] != NO_FLOOR) {
        lower(to, toAt + word, from[at + word]);
      }
    }
  }

  /** The first slots, and empty ones behind them. */
  public static long[] resized(long[] words, int slots) {
    long[] longer = Arrays.copyOf(words, slots * WORDS);
    for (int slot = words.length / WORDS; slot < slots; slot++) {
      longer[slot * WORDS + FLOOR] = NO_FLOOR;
      longer[slot * WORDS + FLOOR_BYTES] = NO_FLOOR;
    }
    return longer;
  }

  /** A tick ended with this. */
  public static void lower(long[] words, int at, long value) {
    words[at] = words[at] == NO_FLOOR ? value : Math.min(words[at], value);
  }

  private static long capped(long a, long b) {
    long sum = a + b;
    return a > 0 && b > 0 && sum < 0 ? Long.MAX_VALUE : sum;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Accumulation a
        && tick == a.tick
        && level == a.level
        && first == a.first
        && lastTick == a.lastTick
        && Arrays.equals(words, a.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(tick).append("<<").append(level).append('@').append(first);
    text.append("..").append(lastTick);
    for (int slot = 0; slot < slots(); slot++) {
      text.append(Arrays.toString(Arrays.copyOfRange(words, slot * WORDS, (slot + 1) * WORDS)));
    }
    return text.toString();
  }
}
