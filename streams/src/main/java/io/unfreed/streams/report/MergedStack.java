package io.unfreed.streams.report;

import io.unfreed.streams.lane.StackNumbers;
import java.util.Arrays;
import java.util.Objects;

/**
 * One stack of an incarnation as of the last published tick: what each lane stated, and for how
 * many ticks in a row its outstanding count rose.
 */
public final class MergedStack {
  /** A stack grows when its outstanding count rose in each of this many last ticks. */
  static final long GROWING_TICKS = 3;

  private StackNumbers[] lanes;
  private long streak;
  private long riseTick;

  /** A stack of which nothing is known yet. */
  public MergedStack(int laneCount) {
    this(new StackNumbers[laneCount], 0, 0);
  }

  /** Restores a stack. */
  public MergedStack(StackNumbers[] lanes, long streak, long riseTick) {
    this.lanes = lanes;
    this.streak = streak;
    this.riseTick = riseTick;
  }

  /** What each lane stated; null for lanes that never did. */
  public StackNumbers[] lanes() {
    return lanes;
  }

  /** Ticks in a row in which the outstanding count rose, up to {@link #riseTick}. */
  public long streak() {
    return streak;
  }

  /** The last tick in which the outstanding count rose. */
  public long riseTick() {
    return riseTick;
  }

  MergedStack copy() {
    return new MergedStack(lanes.clone(), streak, riseTick);
  }

  /** Whether a lane states this stack. */
  boolean isStatedBy(int lane) {
    return lane < lanes.length && lanes[lane] != null;
  }

  /** Whether no lane states this stack any more. */
  boolean isForgotten() {
    return Arrays.stream(lanes).allMatch(Objects::isNull);
  }

  void forget(int lane) {
    lanes[lane] = null;
  }

  void put(int lane, StackNumbers numbers) {
    if (lane >= lanes.length) {
      lanes = Arrays.copyOf(lanes, lane + 1);
    }
    lanes[lane] = numbers;
  }

  long count() {
    long count = 0;
    for (StackNumbers numbers : lanes) {
      count += numbers == null ? 0 : numbers.outstandingCount();
    }
    return count;
  }

  /** Whether any block of it is outstanding, selected or not. */
  boolean isHeld() {
    for (StackNumbers numbers : lanes) {
      if (numbers != null && numbers.heldCount() > 0) {
        return true;
      }
    }
    return false;
  }

  /** Notes how the count moved in a tick. */
  void moved(long before, long tick) {
    if (count() > before) {
      streak = streak > 0 && riseTick == tick - 1 ? streak + 1 : 1;
      riseTick = tick;
    } else {
      streak = 0;
    }
  }

  StackNumbers sum(long lastTick) {
    StackNumbers sum = null;
    for (StackNumbers numbers : lanes) {
      if (numbers != null) {
        sum = sum == null ? numbers : sum.plus(numbers);
      }
    }
    return sum == null
        ? null
        : sum.withListedReleasers()
            .withGrowing(streak >= GROWING_TICKS && riseTick == lastTick && lastTick > 0);
  }
}
