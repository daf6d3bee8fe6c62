package io.unfreed.streams.model;

import static io.unfreed.streams.verdict.Accumulation.*;

import io.unfreed.streams.verdict.Accumulation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every birth and release of a lane, from which accumulations are counted by the book: slot by
 * slot, tick by tick, over all changes.
 */
final class Changes {
  /**
   * A birth (of one block), a release (of one) or a cut (of none).
   *
   * @param tick the lane's tick at the change, which never goes back
   */
  private record Change(
      Tally.Key key, boolean isBirth, long birth, long now, long tick, long bytes) {}

  /** Releases of whole blocks count 1, cuts 0; what moved was never born where it was. */
  private record Release(Change change, int blocks, boolean moved) {}

  private final List<Change> births = new ArrayList<>();
  private final List<Release> releases = new ArrayList<>();
  private final List<Object> all = new ArrayList<>();
  long tick;
  private long nowTick;

  /** A realloc's block was born when the one was that it was made of, if in an earlier tick. */
  long birth(Long chain, long now) {
    return chain != null && tickOf(chain) < tickOf(now) ? chain : now;
  }

  private long tickOf(long moment) {
    return moment <= 0 ? 0 : (moment - 1) / tick;
  }

  void born(Tally.Key key, long birth, long now, long bytes) {
    Change change = new Change(key, true, birth, now, turn(now), bytes);
    births.add(change);
    all.add(change);
  }

  void gone(Tally.Key key, long birth, long now, int blocks, long bytes, boolean moved) {
    Change change = new Change(key, false, birth, now, turn(now), bytes);
    Release release = new Release(change, blocks, moved);
    releases.add(release);
    all.add(release);
  }

  void clear() {
    births.clear();
    releases.clear();
    all.clear();
  }

  /** The sum of the lanes' accumulations of a stack; null when none has one. */
  static Accumulation of(List<ReferenceModel> lanes, Tally.Key key) {
    List<ReferenceModel> having =
        lanes.stream().filter(lane -> lane.changes.ticks(key).length > 0).toList();
    if (having.isEmpty()) {
      return null;
    }
    long first = Long.MAX_VALUE;
    long last = 0;
    for (ReferenceModel lane : having) {
      first = Math.min(first, lane.changes.ticks(key)[0]);
      last = Math.max(last, lane.changes.ticks(key)[1]);
    }
    int level = level(first, last);
    int slots = (int) ((last >> level) - (first >> level)) + 1;
    long[] words = Accumulation.resized(new long[0], slots);
    for (ReferenceModel lane : having) {
      lane.changes.addTo(words, key, level, first >> level, last, lane.ended);
    }
    return new Accumulation(having.getFirst().changes.tick, level, first >> level, last, words);
  }

  private static int level(long first, long last) {
    int level = 0;
    while ((last >> level) - (first >> level) >= SLOTS) {
      level++;
    }
    return level;
  }

  private long turn(long now) {
    nowTick = Math.max(nowTick, now <= 0 ? 0 : (now - 1) / tick);
    return nowTick;
  }

  private static Change change(Object o) {
    return o instanceof Release release ? release.change() : (Change) o;
  }

  /** The first birth's tick and the last change's. */
  private long[] ticks(Tally.Key key) {
    List<Change> of = all.stream().map(Changes::change).filter(c -> c.key().equals(key)).toList();
    return of.isEmpty() ? new long[0] : new long[] {of.getFirst().tick(), of.getLast().tick()};
  }

  private void addTo(
      long[] words, Tally.Key key, int level, long first, long last, boolean isOver) {
    long own = ticks(key)[0];
    for (Change c : births) {
      if (c.key().equals(key)) {
        int at = at(c.birth(), own, level, first);
        words[at + BORN]++;
        words[at + LIVE]++;
        words[at + LIVE_BYTES] += c.bytes();
        words[at + BORN_BYTES] += c.bytes();
      }
    }
    Set<Release> exits = Collections.newSetFromMap(new IdentityHashMap<>());
    exits.addAll(isOver ? exits(key) : List.of());
    for (Release r : releases) {
      Change c = r.change();
      if (c.key().equals(key)) {
        int at = at(c.birth(), own, level, first);
        int in = (int) ((c.tick() >> level) - first) * WORDS;
        boolean stays = exits.contains(r);
        words[at + LIVE] -= stays ? 0 : r.blocks();
        words[at + LIVE_BYTES] -= stays ? 0 : c.bytes();
        int freed = r.moved() ? 0 : r.blocks();
        words[in + FREES] += stays ? 0 : freed;
        words[in + LIFE] += stays ? 0 : freed * (Math.max(0, c.now() - c.birth()) >> LIFE_SHIFT);
        words[at + BORN] -= r.blocks() - freed;
        words[at + BORN_BYTES] -= r.moved() ? c.bytes() : 0;
      }
    }
    for (int slot = 0; slot < words.length / WORDS; slot++) {
      long[] floor =
          floor(key, exits, (first + slot) << level, Math.min((first + slot + 1) << level, last));
      for (int i = 0; i < 2; i++) {
        int at = slot * WORDS + FLOOR + i;
        words[at] = floor[i] == NO_FLOOR ? words[at] : Math.max(0, words[at]) + floor[i];
      }
    }
  }

  private int at(long birth, long ownFirst, int level, long first) {
    long at = Math.max(birth <= 0 ? 0 : (birth - 1) / tick, ownFirst);
    return (int) ((at >> level) - first) * WORDS;
  }

  /** The least blocks and bytes at the end of the ticks from one to before another. */
  private long[] floor(Tally.Key key, Set<Release> exits, long from, long to) {
    long own = ticks(key)[0];
    long ownLast = ticks(key)[1];
    long[] floor = {NO_FLOOR, NO_FLOOR};
    for (long ended : ends(key, Math.max(own, from), to)) {
      long live = 0;
      long bytes = 0;
      for (Object o : all) {
        Change c = change(o);
        boolean stays = ended >= ownLast && o instanceof Release r && exits.contains(r);
        if (c.key().equals(key) && c.tick() <= ended && !stays) {
          live += c.isBirth() ? 1 : -((Release) o).blocks();
          bytes += c.isBirth() ? c.bytes() : -c.bytes();
        }
      }
      floor[0] = floor[0] == NO_FLOOR ? live : Math.min(floor[0], live);
      floor[1] = floor[1] == NO_FLOOR ? bytes : Math.min(floor[1], bytes);
    }
    return floor;
  }

  /** Of the ticks from one to before another, the first and those in which something changed. */
  private List<Long> ends(Tally.Key key, long from, long to) {
    return Stream.concat(
            Stream.of(from),
            all.stream().map(Changes::change).filter(c -> c.key().equals(key)).map(Change::tick))
        .filter(ended -> ended >= from && ended < to)
        .distinct()
        .toList();
  }

  /** What went just now, when it is most of what there was and nothing came since. */
  private List<Release> exits(Tally.Key key) {
    long birthTick =
        births.stream().filter(c -> c.key().equals(key)).mapToLong(Change::tick).max().orElse(0);
    long own = ticks(key)[0];
    List<Release> late = new ArrayList<>();
    boolean begun = false;
    long live = 0;
    for (Object o : all) {
      Change c = change(o);
      if (!c.key().equals(key)) {
        continue;
      }
      begun |= c.isBirth() && c.tick() == birthTick;
      live += c.isBirth() ? 1 : -((Release) o).blocks();
      if (begun && o instanceof Release r && !r.moved()) {
        int then = level(own, c.tick());
        long birth = Math.max(own, c.birth() <= 0 ? 0 : (c.birth() - 1) / tick);
        if (birth >> then != c.tick() >> then) {
          late.add(r);
        }
      }
    }
    long freed = late.stream().mapToLong(Release::blocks).sum();
    boolean isExit = freed > 0 && freed >= live && nowTick - late.getFirst().change().tick() <= 2;
    return isExit ? late : List.of();
  }
}
