package io.unfreed.streams.report;

import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.LaneStatement.Occasion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How far one lane of an incarnation has come: the last statement that was applied, without its
 * stacks, and those that wait for other lanes. Not thread-safe.
 */
public final class LaneProgress {
  private LaneStatement last;
  private boolean ended;
  private final List<LaneStatement> ahead;

  /** A lane that said nothing yet. */
  public LaneProgress() {
    this(null, false, List.of());
  }

  /** Restores a lane. */
  public LaneProgress(LaneStatement last, boolean ended, List<LaneStatement> ahead) {
    this.last = last;
    this.ended = ended;
    this.ahead = new ArrayList<>(ahead);
  }

  /** The last applied statement with totals, without stacks; null before the first. */
  public LaneStatement last() {
    return last;
  }

  /** Whether the applied statements include the final one. */
  public boolean ended() {
    return ended;
  }

  /** Statements that wait, oldest first. */
  public List<LaneStatement> ahead() {
    return ahead;
  }

  LaneProgress copy() {
    return new LaneProgress(last, ended, ahead);
  }

  boolean isFinal() {
    return ended || ahead.stream().anyMatch(s -> s.occasion() == Occasion.FINAL);
  }

  /** The last boundary that this lane has passed; all of them once it is over. */
  long coveredTick() {
    if (isFinal()) {
      return Long.MAX_VALUE;
    }
    long covered = last == null ? 0 : last.lastTick();
    for (LaneStatement statement : ahead) {
      covered = Math.max(covered, statement.lastTick());
    }
    return covered;
  }

  /**
   * Statements of boundaries, the last applied one included: a lane that passes several at once
   * states only the last, which is still to be published when another lane made an earlier one due.
   */
  Stream<LaneStatement> statedTicks() {
    return Stream.concat(Stream.ofNullable(last), ahead.stream())
        .filter(s -> s.occasion() == Occasion.TICK);
  }

  boolean hasMet(String marker) {
    return ahead.stream().anyMatch(s -> isMarker(s, marker));
  }

  /** Takes what waits for a boundary up to this one, and all that was stated before it. */
  List<LaneStatement> takeUpTo(long tick) {
    int count = 0;
    for (int i = 0; i < ahead.size(); i++) {
      LaneStatement statement = ahead.get(i);
      boolean isMarker = statement.occasion() == Occasion.MARKER;
      if (!isMarker && statement.firstTick() <= tick) {
        count = i + 1;
      }
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
    ahead.replaceAll(s -> isMarker(s, marker) ? s.answered() : s);
    ahead.removeIf(s -> isMarker(s, null) && s.totals() == null);
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
    last =
        new LaneStatement(
            statement.key(),
            statement.laneCount(),
            statement.process(),
            statement.occasion(),
            statement.marker(),
            statement.firstTick(),
            tick,
            statement.atNanos(),
            statement.filtered(),
            statement.kernel(),
            statement.totals(),
            List.of());
  }

  /** That the lane has met a marker is kept until every other lane has met it too. */
  private List<LaneStatement> take(int count) {
    List<LaneStatement> head = ahead.subList(0, count);
    List<LaneStatement> taken = List.copyOf(head);
    head.clear();
    ahead.addAll(
        0,
        taken.stream()
            .filter(LaneStatement::isAwaited)
            .map(LaneStatement::withoutNumbers)
            .toList());
    return taken;
  }
}
