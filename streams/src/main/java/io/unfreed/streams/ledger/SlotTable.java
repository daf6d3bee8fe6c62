package io.unfreed.streams.ledger;

import static io.unfreed.streams.verdict.Accumulation.BORN;
import static io.unfreed.streams.verdict.Accumulation.BORN_BYTES;
import static io.unfreed.streams.verdict.Accumulation.FLOOR;
import static io.unfreed.streams.verdict.Accumulation.FLOOR_BYTES;
import static io.unfreed.streams.verdict.Accumulation.FREES;
import static io.unfreed.streams.verdict.Accumulation.LIFE;
import static io.unfreed.streams.verdict.Accumulation.LIVE;
import static io.unfreed.streams.verdict.Accumulation.LIVE_BYTES;
import static io.unfreed.streams.verdict.Accumulation.SLOTS;
import static io.unfreed.streams.verdict.Accumulation.WORDS;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.verdict.Accumulation;
import java.util.Arrays;

/**
 * What every entry accumulates for its verdict, see {@link Accumulation}. A row is as long as the
 * entry's slots need:
 *
 * <pre>
 *   0 last tick seen   1 number of the first slot   2 level   3 tick of the last birth
 *   4 where the slot of the last tick seen begins   5 ..   eight words for each slot
 * </pre>
 *
 * A tick costs an entry something when the entry changes after it, once. Not thread-safe.
 */
final class SlotTable {
  private static final int SNAPSHOT_VERSION = 2;

  /** Its rows had no word 4. */
  private static final int SHORT_HEAD_VERSION = 1;

  private static final long[] NOTHING = {};

  private static final int LAST_TICK = 0;
  private static final int FIRST = 1;
  private static final int LEVEL = 2;
  private static final int BIRTH_TICK = 3;
  private static final int CURRENT = 4;
  private static final int HEAD = 5;
  private static final int FIRST_SLOTS = 2;

  /** Frees that an exit may have made lie no longer behind its end. */
  private static final int EXIT_TICKS = 2;

  private static final int LATE_TICK = 2 * SLOTS;
  private static final int LATE_FREES = LATE_TICK + 1;
  private static final int LATE_LIFE = LATE_FREES + EXIT_TICKS + 1;
  private static final int LATE_WORDS = LATE_LIFE + EXIT_TICKS + 1;

  private long[][] rows = new long[64][];

  /**
   * By slot of birth: blocks and bytes freed since the last tick with a birth began; behind them
   * its tick, and from this one on how many were freed in a tick, and how long they had lived.
   */
  private long[][] late = new long[64][];

  private long tick = Long.MAX_VALUE;

  /** The latest tick; it lies behind its start and includes its end, as what a boundary reports. */
  private long nowTick;

  private long tickStart;
  private long tickEnd = Long.MAX_VALUE;

  /** Says how long a tick is, in units of the clock; before the first block. */
  void tick(long units) {
    tick = units;
    tickEnd = units;
  }

  /** Whether a moment lies in an earlier tick than another. */
  boolean isEarlierTick(long moment, long than) {
    return tick != Long.MAX_VALUE
        && Accumulation.tickOf(moment, tick) < Accumulation.tickOf(than, tick);
  }

  /** A block was born; one that a realloc made at the birth of the block it was made of. */
  void born(int entry, long birth, long bytes, long time) {
    advance(time);
    long[] row = entry < rows.length ? rows[entry] : null;
    if (row == null || row[LAST_TICK] != nowTick) {
      row = turn(entry, row);
    }
    if (row[BIRTH_TICK] != nowTick) {
      row[BIRTH_TICK] = nowTick;
      late[entry] = null;
    }
    int at = at(row, birth);
    row[at + BORN]++;
    row[at + LIVE]++;
    row[at + LIVE_BYTES] += bytes;
    row[at + BORN_BYTES] = Sums.of(row[at + BORN_BYTES], bytes);
  }

  /** A block that was born at {@code birth} went at {@code now}. */
  void freed(int entry, long birth, long bytes, long now) {
    gone(entry, birth, bytes, now, 1);
  }

  /** A realloc made another block of one: it was not born here. */
  void moved(int entry, long birth, long bytes, long now) {
    advance(now);
    long[] row = entry < rows.length ? rows[entry] : null;
    if (row == null) {
      return;
    }
    if (row[LAST_TICK] != nowTick) {
      row = turn(entry, row);
    }
    int at = at(row, birth);
    row[at + BORN]--;
    row[at + LIVE]--;
    row[at + LIVE_BYTES] -= bytes;
    row[at + BORN_BYTES] = Math.max(0, row[at + BORN_BYTES] - bytes);
  }

  /** A block that lives on lost some bytes. */
  void shrunk(int entry, long birth, long bytes, long now) {
    gone(entry, birth, bytes, now, 0);
  }

  private void gone(int entry, long birth, long bytes, long now, int blocks) {
    advance(now);
    long[] row = entry < rows.length ? rows[entry] : null;
    if (row == null) {
      return;
    }
    if (row[LAST_TICK] != nowTick) {
      row = turn(entry, row);
    }
    int at = at(row, birth);
    row[at + LIVE] -= blocks;
    row[at + LIVE_BYTES] -= bytes;
    int current = (int) row[CURRENT];
    row[current + FREES] += blocks;
    long life = blocks == 0 ? 0 : Math.max(0, now - birth) >> Accumulation.LIFE_SHIFT;
    row[current + LIFE] = Sums.of(row[current + LIFE], life);
    if (at != current) {
      noteLate(entry, (at - HEAD) / WORDS, blocks, bytes, life);
    }
  }

  /**
   * The entry's blocks went with their process's image: what comes is another program.
   *
   * @return whether anything is forgotten
   */
  boolean forget(int entry) {
    if (entry >= rows.length || rows[entry] == null) {
      return false;
    }
    rows[entry] = null;
    late[entry] = null;
    return true;
  }

  /**
   * What an entry has accumulated; null when it had no block.
   *
   * @param isOver its process is: what went at the exit, if most blocks did, is taken as still
   *     there, and not as freed
   */
  Accumulation accumulation(int entry, boolean isOver) {
    long[] row = entry < rows.length ? rows[entry] : null;
    if (row == null) {
      return null;
    }
    long[] words = Arrays.copyOfRange(row, HEAD, row.length);
    int slots = (int) ((row[LAST_TICK] >> row[LEVEL]) - row[FIRST]) + 1;
    if (isOver && hasGoneAtExit(entry)) {
      for (int slot = 0; slot < slots; slot++) {
        words[slot * WORDS + LIVE] += late[entry][2 * slot];
        words[slot * WORDS + LIVE_BYTES] += late[entry][2 * slot + 1];
      }
      for (int behind = 0; behind <= EXIT_TICKS; behind++) {
        long slot = ((late[entry][LATE_TICK] + behind) >> row[LEVEL]) - row[FIRST];
        if (slot < slots) {
          words[(int) slot * WORDS + FREES] -= late[entry][LATE_FREES + behind];
          words[(int) slot * WORDS + LIFE] -= late[entry][LATE_LIFE + behind];
        }
      }
    }
    return new Accumulation(
        tick, (int) row[LEVEL], row[FIRST], row[LAST_TICK], Arrays.copyOf(words, slots * WORDS));
  }

  /** Whether most of what an entry had went just now, and nothing came since. */
  boolean hasGoneAtExit(int entry) {
    long[] gone = entry < late.length ? late[entry] : null;
    if (gone == null || nowTick - gone[LATE_TICK] > EXIT_TICKS) {
      return false;
    }
    long freed = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      freed += gone[2 * slot];
    }
    return freed > 0 && freed >= live(rows[entry], HEAD, LIVE);
  }

  private void noteLate(int entry, int slot, long blocks, long bytes, long life) {
    long[] row = late[entry];
    if (row == null) {
      row = new long[LATE_WORDS];
      row[LATE_TICK] = nowTick;
      late[entry] = row;
    }
    row[2 * slot] += blocks;
    row[2 * slot + 1] += bytes;
    long behind = nowTick - row[LATE_TICK];
    if (behind <= EXIT_TICKS) {
      row[LATE_FREES + (int) behind] += blocks;
      row[LATE_LIFE + (int) behind] += life;
    }
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(tick);
    out.put(nowTick);
    out.put(rows.length);
    for (int entry = 0; entry < rows.length; entry++) {
      out.putAll(rows[entry] == null ? NOTHING : rows[entry]);
      out.putAll(late[entry] == null ? NOTHING : late[entry]);
    }
  }

  void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "slots");
    tick = in.getLong();
    nowTick = in.getLong();
    setBounds();
    int count = in.getCount();
    rows = new long[count][];
    late = new long[count][];
    for (int entry = 0; entry < count; entry++) {
      long[] row = in.getAll();
      long[] gone = in.getAll();
      rows[entry] = row.length == 0 ? null : version == SHORT_HEAD_VERSION ? withCurrent(row) : row;
      late[entry] = gone.length == 0 ? null : Arrays.copyOf(gone, LATE_WORDS);
    }
  }

  private static long[] withCurrent(long[] shortRow) {
    long[] row = new long[shortRow.length + 1];
    System.arraycopy(shortRow, 0, row, 0, CURRENT);
    System.arraycopy(shortRow, CURRENT, row, HEAD, shortRow.length - CURRENT);
    row[CURRENT] = slotOf(row, row[LAST_TICK]);
    return row;
  }

  private void setBounds() {
    tickStart = tick == Long.MAX_VALUE ? 0 : nowTick * tick;
    tickEnd = tickStart > Long.MAX_VALUE - tick ? Long.MAX_VALUE : tickStart + tick;
  }

  private void advance(long time) {
    if (time > tickEnd) {
      nowTick = Accumulation.tickOf(time, tick);
      setBounds();
    }
  }

  /** Where the words of the slot of a moment begin; the row has seen the latest tick. */
  private int at(long[] row, long time) {
    return time > tickStart ? (int) row[CURRENT] : slotOf(row, Accumulation.tickOf(time, tick));
  }

  /** Where the words of the slot of a tick begin. */
  private static int slotOf(long[] row, long tick) {
    return HEAD + (int) Math.max(0, (tick >> row[LEVEL]) - row[FIRST]) * WORDS;
  }

  /** The first change of an entry in a tick: its floors are those of the ticks that have ended. */
  private long[] turn(int entry, long[] known) {
    if (known == null) {
      return begin(entry);
    }
    long[] row = known;
    while ((nowTick >> row[LEVEL]) - row[FIRST] >= SLOTS) {
      halve(row);
      halveLate(late[entry], row[FIRST]);
      row[FIRST] >>= 1;
      row[LEVEL]++;
    }
    int slots = (int) ((nowTick >> row[LEVEL]) - row[FIRST]) + 1;
    if (HEAD + slots * WORDS > row.length) {
      row = lengthened(row, Math.min(SLOTS, Math.max(slots, 2 * ((row.length - HEAD) / WORDS))));
      rows[entry] = row;
    }
    long live = live(row, HEAD, LIVE);
    long bytes = live(row, HEAD, LIVE_BYTES);
    int from = (int) ((row[LAST_TICK] >> row[LEVEL]) - row[FIRST]);
    int to = (int) (((nowTick - 1) >> row[LEVEL]) - row[FIRST]);
    for (int slot = from; slot <= to; slot++) {
      Accumulation.lower(row, HEAD + slot * WORDS + FLOOR, live);
      Accumulation.lower(row, HEAD + slot * WORDS + FLOOR_BYTES, bytes);
    }
    row[LAST_TICK] = nowTick;
    row[CURRENT] = slotOf(row, nowTick);
    return row;
  }

  private long[] begin(int entry) {
    if (entry >= rows.length) {
      int length = Math.max(entry + 1, rows.length * 2);
      rows = Arrays.copyOf(rows, length);
      late = Arrays.copyOf(late, length);
    }
    long[] row = lengthened(new long[HEAD], FIRST_SLOTS);
    row[LAST_TICK] = nowTick;
    row[FIRST] = nowTick;
    row[BIRTH_TICK] = nowTick;
    row[CURRENT] = HEAD;
    rows[entry] = row;
    return row;
  }

  private static long[] lengthened(long[] row, int slots) {
    long[] longer = Arrays.copyOf(row, HEAD + slots * WORDS);
    for (int at = row.length; at < longer.length; at += WORDS) {
      longer[at + FLOOR] = Accumulation.NO_FLOOR;
      longer[at + FLOOR_BYTES] = Accumulation.NO_FLOOR;
    }
    return longer;
  }

  /** Puts two slots each into one. */
  private static void halve(long[] row) {
    long[] old = row.clone();
    long first = row[FIRST];
    System.arraycopy(
        lengthened(Arrays.copyOf(row, HEAD), (row.length - HEAD) / WORDS),
        HEAD,
        row,
        HEAD,
        row.length - HEAD);
    for (int slot = 0; HEAD + slot * WORDS < old.length; slot++) {
      int to = (int) (((first + slot) >> 1) - (first >> 1));
      Accumulation.merge(old, HEAD + slot * WORDS, row, HEAD + to * WORDS);
    }
  }

  private static void halveLate(long[] row, long first) {
    if (row == null) {
      return;
    }
    long[] old = Arrays.copyOf(row, LATE_TICK);
    Arrays.fill(row, 0, LATE_TICK, 0);
    for (int slot = 0; slot < SLOTS; slot++) {
      int to = (int) (((first + slot) >> 1) - (first >> 1));
      if (to < SLOTS) {
        row[2 * to] += old[2 * slot];
        row[2 * to + 1] += old[2 * slot + 1];
      }
    }
  }

  private static long live(long[] row, int from, int word) {
    long sum = 0;
    for (int at = from; at < row.length; at += WORDS) {
      sum += row[at + word];
    }
    return sum;
  }
}
