package io.unfreed.streams.trace;

import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes the statements of one trace, in any order of keys, repeated or not, to tell what happened
 * between the last tick up to one moment and the last up to another. Needs memory for two
 * statements of each row at either of them, not for all.
 */
public final class TraceSpan {
  /** So many slow ones are told one by one. */
  static final int MOST_SLOW = 1000;

  /** What a head says of slow ones. */
  private record Slow(List<SlowCall> calls, long untold) {}

  private final Long fromNanos;
  private final Long toNanos;
  private final TraceBook before;
  private final TraceBook after;
  private final Map<Long, Slow> slow = new TreeMap<>();
  private int kept;

  /**
   * Nothing was stated yet.
   *
   * @param fromNanos session time; null for the begin
   * @param toNanos session time; null for the end
   */
  public TraceSpan(Long fromNanos, Long toNanos) {
    this.fromNanos = fromNanos;
    this.toNanos = toNanos;
    before = fromNanos == null ? null : new TraceBook(fromNanos);
    after = new TraceBook(toNanos);
  }

  /** Takes a statement that keeps to the rules. */
  public void add(TraceStatement statement) {
    if (before != null) {
      before.add(statement);
    }
    after.add(statement);
    long atNanos = statement.getAtNanos();
    boolean isWithin =
        (fromNanos == null || atNanos > fromNanos) && (toNanos == null || atNanos <= toNanos);
    if (statement.getHead() != null && isWithin) {
      slow.computeIfAbsent(statement.getTick(), tick -> slow(statement.getHead()));
    }
  }

  private Slow slow(TraceHead head) {
    int room = Math.min(MOST_SLOW - kept, head.getSlow().size());
    kept += room;
    return new Slow(
        List.copyOf(head.getSlow().subList(0, room)),
        head.getUntold() + head.getSlow().size() - room);
  }

  /** What happened; empty when nothing was stated up to its end. */
  public Optional<TraceStretch> stretch() {
    return after
        .view()
        .map(view ->
            TraceStretch.between(
                before == null ? null : before.view().orElse(null), withSlow(view), after.begun()));
  }

  private TraceView withSlow(TraceView view) {
    List<SlowCall> calls = new ArrayList<>();
    long untold = 0;
    for (Slow one : slow.values()) {
      calls.addAll(one.calls());
      untold += one.untold();
    }
    return new TraceView(
        view.tracer(), view.atNanos(), view.head(), view.rows(), calls, untold, view.missing());
  }

  /** Memory that it takes, roughly. */
  public long heldBytes() {
    return after.heldBytes() + (before == null ? 0 : before.heldBytes());
  }
}
