package io.unfreed.streams.report;

import io.unfreed.streams.lane.StackNumbers;
import java.util.Arrays;
import java.util.Objects;

/** One stack of an incarnation as of the last published tick: what each lane stated. */
public final class MergedStack {
  private StackNumbers[] lanes;

  /** A stack of which nothing is known yet. */
  public MergedStack(int laneCount) {
    this(new StackNumbers[laneCount]);
  }

  /** Restores a stack. */
  public MergedStack(StackNumbers[] lanes) {
    this.lanes = lanes;
  }

  /** What each lane stated; null for lanes that never did. */
  public StackNumbers[] lanes() {
    return lanes;
  }

  MergedStack copy() {
    return new MergedStack(lanes.clone());
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

  /** Whether any block of it is outstanding, selected or not. */
  boolean isHeld() {
    for (StackNumbers numbers : lanes) {
      if (numbers != null && numbers.heldCount() > 0) {
        return true;
      }
    }
    return false;
  }

  StackNumbers sum() {
    StackNumbers sum = null;
    for (StackNumbers numbers : lanes) {
      if (numbers != null) {
        sum = sum == null ? numbers : sum.plus(numbers);
      }
    }
    return sum == null ? null : sum.withListedReleasers();
  }
}
