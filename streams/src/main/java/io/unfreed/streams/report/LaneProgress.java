package io.unfreed.streams.report;

import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.LaneStatement.Occasion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far one lane of an incarnation has come: the last statement that was applied, without its
 * stacks, and those that wait for other lanes. What waits has a number that it keeps while it
 * waits, so that a store need not be told of it again when those before it are gone. A statement
 * that comes or goes costs the same however many wait. Not thread-safe.
 */
public final class LaneProgress {
  private LaneStatement last;
  private boolean ended;
  private final TreeMap<Long, LaneStatement> ahead;
  private final Set<Long> changed = new HashSet<>();
  private long nextNumber;

  /** Numbers from here on were not told by {@link #takeChanged} yet. */
  private long firstUntold;

  private long coveredTick;
  private int finalsAhead;

  /** A lane that said nothing yet. */
  public LaneProgress() {
    this(null, false, new TreeMap<>());
  }

  /**
   * Restores a lane.
   *
   * @param ahead what waits, by number
   */
  public LaneProgress(LaneStatement last, boolean ended, SortedMap<Long, LaneStatement> ahead) {
    this.last = last;
    this.ended = ended;
    this.ahead = new TreeMap<>(ahead);
    nextNumber = ahead.isEmpty() ? 0 : ahead.lastKey() + 1;
    firstUntold = nextNumber;
    coveredTick = last == null ? 0 : last.lastTick();
    this.ahead.values().forEach(this::count);
  }

  /** The last applied statement with totals, without stacks; null before the first. */
  public LaneStatement last() {
    return last;
  }

  /** Whether the applied statements include the final one. */
  public boolean ended() {
    return ended;
  }

  /** Statements that wait, by number, oldest first. */
  public SortedMap<Long, LaneStatement> ahead() {
    return Collections.unmodifiableSortedMap(ahead);
  }

  /** Numbers that wait since the last call, or no longer do, or with another statement. */
  public Set<Long> takeChanged() {
    Set<Long> taken = Set.copyOf(changed);
    changed.clear();
    firstUntold = nextNumber;
    return taken;
  }

  LaneProgress copy() {
    return new LaneProgress(last, ended, ahead);
  }

  /** Lets a statement wait behind all others. */
  void add(LaneStatement statement) {
    ahead.put(nextNumber, statement);
    changed.add(nextNumber);
    nextNumber++;
    count(statement);
  }

  private void count(LaneStatement statement) {
    coveredTick = Math.max(coveredTick, statement.lastTick());
    finalsAhead += statement.occasion() == Occasion.FINAL ? 1 : 0;
  }

  /** Whether its end was stated, applied or not. */
  public boolean isFinal() {
    return ended || finalsAhead > 0;
  }

  /** The last boundary that this lane has passed; all of them once it is over. */
  long coveredTick() {
    return isFinal() ? Long.MAX_VALUE : coveredTick;
  }

  boolean hasMet(String marker) {
    return ahead.values().stream().anyMatch(s -> isMarker(s, marker));
  }

  /**
   * Takes what waits for a boundary up to this one, and all that was stated before it. Boundaries
   * only rise in a lane, so nothing behind the first that waits for a later one is looked at.
   */
  List<LaneStatement> takeUpTo(long tick) {
    int count = 0;
    int seen = 0;
    for (LaneStatement statement : ahead.values()) {
      boolean isMarker = statement.occasion() == Occasion.MARKER;
      if (!isMarker && statement.firstTick() > tick) {
        break;
      }
      seen++;
      count = isMarker ? count : seen;
    }
    return take(count);
  }

  List<LaneStatement> takeAll() {
    List<LaneStatement> taken = take(ahead.size());
    for (LaneStatement statement : taken) {
      applied(statement);
    }
    return taken;
  }

  /** Nobody waits for the marker any more; numbers that came with it still count. */
  void answered(String marker) {
    Iterator<Map.Entry<Long, LaneStatement>> waiting = ahead.entrySet().iterator();
    while (waiting.hasNext()) {
      Map.Entry<Long, LaneStatement> entry = waiting.next();
      LaneStatement statement = entry.getValue();
      boolean isAnswered = isMarker(statement, marker) || isMarker(statement, null);
      if (isAnswered && statement.totals() == null) {
        noteRemoved(entry.getKey());
        waiting.remove();
      } else if (isAnswered && statement.marker() != null) {
        entry.setValue(statement.answered());
        changed.add(entry.getKey());
      }
    }
  }

  private static boolean isMarker(LaneStatement statement, String marker) {
    return statement.occasion() == Occasion.MARKER && Objects.equals(statement.marker(), marker);
  }

  void applied(LaneStatement statement) {
    if (statement.totals() == null) {
      return;
    }
    ended |= statement.occasion() == Occasion.FINAL;
    long tick = Math.max(statement.lastTick(), last == null ? 0 : last.lastTick());
    last = statement.applied(tick);
  }

  /** That the lane has met a marker is kept until every other lane has met it too. */
  private List<LaneStatement> take(int count) {
    List<LaneStatement> taken = new ArrayList<>(count);
    Iterator<Map.Entry<Long, LaneStatement>> waiting = ahead.entrySet().iterator();
    while (taken.size() < count) {
      Map.Entry<Long, LaneStatement> entry = waiting.next();
      LaneStatement statement = entry.getValue();
      taken.add(statement);
      if (!statement.isAwaited()) {
        noteRemoved(entry.getKey());
        waiting.remove();
        finalsAhead -= statement.occasion() == Occasion.FINAL ? 1 : 0;
      } else if (statement.totals() != null) {
        entry.setValue(statement.withoutNumbers());
        changed.add(entry.getKey());
      }
    }
    return taken;
  }

  /**
   * What came and went since the last call of {@link #takeChanged} was never there. To be called
   * before the entry is removed: a tree's entry may show the next one's number from then on.
   */
  private void noteRemoved(long number) {
    if (number < firstUntold) {
      changed.add(number);
    } else {
      changed.remove(number);
    }
  }
}
