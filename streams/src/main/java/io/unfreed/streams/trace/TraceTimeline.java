package io.unfreed.streams.trace;

import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A trace over time: what happened between its ticks, or between every so many of them when there
 * are more than {@link #MOST_SLOTS}. Takes the statements of a key in their order, those of
 * different keys in any, repeated or not; needs memory for two statements of each row.
 *
 * <p>A row that did not change at a tick is not stated there: what a statement says more than the
 * one before happened behind the last tick before its own. When the first statements of a row did
 * not come, because retention deleted them, its first one that did is where counting begins: when
 * what it says happened is not known.
 */
public final class TraceTimeline {
  /** More than a screen has columns for. */
  static final int MOST_SLOTS = 512;

  /** Of a row's statement, its numbers included. */
  private static final int STATEMENT_BYTES = 1024;

  /**
   * What happened up to a tick.
   *
   * @param fromNanos session time, where the slot before ended
   * @param toNanos session time of its last tick
   * @param lost so many happenings or slow ones were not counted or told
   * @param missing what statements that did not come keep from being told
   */
  public record Slot(
      long fromNanos,
      long toNanos,
      LatencySum latencies,
      long bytes,
      long frees,
      long freedBytes,
      long lost,
      Missing missing) {}

  /**
   * What is not known of a slot.
   *
   * @param statements so many did not come, before those of the slot that did
   * @param outstandingBytes what rows that are first told in the slot, but not from their
   *     beginning, had outstanding before
   * @param outstandingCount the same in blocks
   */
  public record Missing(long statements, long outstandingBytes, long outstandingCount) {
    static final Missing NONE = new Missing(0, 0, 0);

    Missing plus(Missing other) {
      return new Missing(
          statements + other.statements,
          outstandingBytes + other.outstandingBytes,
          outstandingCount + other.outstandingCount);
    }

    /** So many statements of a row, the first ones up to one that came. */
    static Missing before(long statements, TraceRow row) {
      return new Missing(
          statements, row.getBytes() - row.getFreedBytes(), row.getCount() - row.getFrees());
    }

    static Missing between(long statements) {
      return new Missing(statements, 0, 0);
    }
  }

  /** A slot while it is counted. */
  private static final class Sum {
    private final LatencySum latencies = new LatencySum();
    private long bytes;
    private long frees;
    private long freedBytes;
    private long lost;
    private Missing missing = Missing.NONE;

    /** Of its last head; -1 as long as none came. */
    private long toNanos = -1;

    void add(Sum other) {
      latencies.add(other.latencies);
      bytes += other.bytes;
      frees += other.frees;
      freedBytes += other.freedBytes;
      lost += other.lost;
      missing = missing.plus(other.missing);
      toNanos = Math.max(toNanos, other.toNanos);
    }
  }

  /** The newest statement of a row, which counts only when its tick has its head. */
  private static final class Stated {
    private TraceStatement before;
    private TraceStatement newest;
  }

  private final Predicate<TraceRow> wanted;
  private final int mostSlots;
  private final Map<TraceKey, Stated> rows = new HashMap<>();
  private final TreeMap<Long, Sum> sums = new TreeMap<>();

  /** Of 2^shift ticks each. */
  private int shift;

  private TraceStatement lastHead;
  private boolean hasEnded;

  /** Nothing was stated yet; only these rows count, losses are of all. */
  public TraceTimeline(Predicate<TraceRow> wanted) {
    this(wanted, MOST_SLOTS);
  }

  /** The same with fewer slots. */
  TraceTimeline(Predicate<TraceRow> wanted, int mostSlots) {
    this.wanted = wanted;
    this.mostSlots = mostSlots;
  }

  /** Takes a statement that keeps to the rules. */
  public void add(TraceStatement statement) {
    if (statement.getHead() != null) {
      addHead(statement);
    } else if (statement.getRow().getKind() != TraceKind.IO_SERVED
        && wanted.test(statement.getRow())) {
      addRow(statement);
    }
  }

  private void addHead(TraceStatement statement) {
    if (lastHead != null && statement.getSequence() <= lastHead.getSequence()) {
      return;
    }
    Sum sum = sum(statement.getTick());
    long missing = missing(lastHead, statement);
    sum.missing = sum.missing.plus(Missing.between(missing));
    if (lastHead != null || missing == 0) {
      TraceHead lost =
          TraceDifference.head(lastHead == null ? null : lastHead.getHead(), statement.getHead());
      sum.lost += lost.getMapFull() + lost.getUnpaired() + lost.getQueueFull() + lost.getSkipped();
    }
    sum.toNanos = Math.max(sum.toNanos, statement.getAtNanos());
    lastHead = statement;
  }

  private void addRow(TraceStatement statement) {
    Stated stated = rows.computeIfAbsent(TraceKey.of(statement.getRow()), key -> new Stated());
    if (stated.newest != null) {
      if (statement.getSequence() <= stated.newest.getSequence()) {
        return;
      }
      count(stated);
    }
    stated.newest = statement;
  }

  private void count(Stated stated) {
    TraceRow now = stated.newest.getRow();
    Sum sum = sum(stated.newest.getTick());
    long missing = missing(stated.before, stated.newest);
    if (stated.before == null && missing > 0) {
      sum.missing = sum.missing.plus(Missing.before(missing, now));
    } else {
      TraceRow before = stated.before == null ? null : stated.before.getRow();
      TraceRow difference = TraceDifference.row(before, now);
      sum.missing = sum.missing.plus(Missing.between(missing));
      sum.latencies.add(difference, TraceDifference.longest(before, now));
      sum.bytes += difference.getBytes();
      sum.frees += difference.getFrees();
      sum.freedBytes += difference.getFreedBytes();
    }
    stated.before = stated.newest;
  }

  /** So many statements between two of a key did not come; {@code before} is null for the first. */
  private static long missing(TraceStatement before, TraceStatement now) {
    return now.getSequence() - (before == null ? 0 : before.getSequence() + 1);
  }

  private Sum sum(long tick) {
    Sum sum = sums.computeIfAbsent(tick >> shift, number -> new Sum());
    if (sums.size() <= mostSlots) {
      return sum;
    }
    while (sums.size() > mostSlots) {
      widen();
    }
    return sums.get(tick >> shift);
  }

  private void widen() {
    TreeMap<Long, Sum> wider = new TreeMap<>();
    sums.forEach((number, sum) -> wider.computeIfAbsent(number >> 1, half -> new Sum()).add(sum));
    sums.clear();
    sums.putAll(wider);
    shift++;
  }

  /** Memory that it takes, roughly. */
  public long heldBytes() {
    return 2L * STATEMENT_BYTES * rows.size();
  }

  /**
   * The slots in their order, behind the last statement; a tick whose head did not come adds to the
   * next one.
   */
  public List<Slot> slots() {
    end();
    List<Slot> slots = new ArrayList<>();
    Sum open = new Sum();
    long fromNanos = 0;
    for (Sum sum : sums.values()) {
      open.add(sum);
      if (sum.toNanos >= 0) {
        long toNanos = Math.max(fromNanos, sum.toNanos);
        slots.add(
            new Slot(
                fromNanos,
                toNanos,
                open.latencies,
                open.bytes,
                open.frees,
                open.freedBytes,
                open.lost,
                open.missing));
        fromNanos = toNanos;
        open = new Sum();
      }
    }
    return slots;
  }

  private void end() {
    if (hasEnded) {
      return;
    }
    hasEnded = true;
    for (Stated stated : rows.values()) {
      if (lastHead != null && stated.newest.getTick() <= lastHead.getTick()) {
        count(stated);
      }
    }
    rows.clear();
  }
}
