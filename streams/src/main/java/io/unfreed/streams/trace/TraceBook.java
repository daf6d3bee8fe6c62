package io.unfreed.streams.trace;

import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.RecordKeys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The statements of one trace, in any order of keys, repeated or not: what they say at the last
 * tick that was stated whole. A tick is whole when its head has come, which follows its rows.
 */
public final class TraceBook {
  /** Of a row's, its numbers included. */
  static final long STATEMENT_BYTES = 1024;

  /** Of a head's but its slow ones, and of one of these. */
  private static final long HEAD_BYTES = 512;

  private static final long SLOW_BYTES = 256;

  private static final Comparator<TraceStatement> BY_TICK =
      Comparator.comparingLong(TraceStatement::getTick)
          .thenComparing(statement -> statement.getHead() != null);

  private final Long untilNanos;
  private final Long intervalNanos;

  /** With an interval: all, to put earlier ticks together again. */
  private final List<TraceStatement> all = new ArrayList<>();

  private final Map<String, StatedRow> rows = new HashMap<>();
  private final TreeMap<Long, TraceStatement> heads = new TreeMap<>();
  private long heldBytes;

  /**
   * Nothing was stated yet.
   *
   * @param untilNanos later ticks are passed over; null for none
   */
  public TraceBook(Long untilNanos) {
    this(untilNanos, null);
  }

  /**
   * The same, for {@link #views}.
   *
   * @param intervalNanos a view for each; null for the last tick's only. Needs memory for all that
   *     was stated
   */
  public TraceBook(Long untilNanos, Long intervalNanos) {
    this.untilNanos = untilNanos;
    this.intervalNanos = intervalNanos;
  }

  /** Takes a statement that keeps to the rules. */
  public void add(TraceStatement statement) {
    if (untilNanos != null && statement.getAtNanos() > untilNanos) {
      return;
    }
    if (intervalNanos != null) {
      all.add(statement);
      heldBytes += STATEMENT_BYTES;
    }
    if (statement.getHead() != null) {
      keep(statement.getTick(), statement);
      forgetSlow(statement);
    } else {
      StatedRow row = rows.computeIfAbsent(RecordKeys.of(statement), key -> new StatedRow());
      heldBytes -= row.heldBytes();
      row.add(statement);
      heldBytes += row.heldBytes();
    }
  }

  private void keep(long tick, TraceStatement head) {
    heldBytes += bytes(head) - bytes(heads.put(tick, head));
  }

  private static long bytes(TraceStatement head) {
    return head == null ? 0 : HEAD_BYTES + SLOW_BYTES * head.getHead().getSlow().size();
  }

  /** Slow calls are told once: those up to a head that told them are not needed behind it. */
  private void forgetSlow(TraceStatement newest) {
    Map.Entry<Long, TraceStatement> told = heads.lowerEntry(newest.getTick());
    if (heads.lastKey() != newest.getTick()
        || told == null
        || !told.getValue().getHead().getTold()) {
      return;
    }
    Map.Entry<Long, TraceStatement> one = told;
    while (one != null && !one.getValue().getHead().getSlow().isEmpty()) {
      keep(one.getKey(), withoutSlow(one.getValue()));
      one = heads.lowerEntry(one.getKey());
    }
  }

  /** Of a head that is not the last one only this is asked for. */
  private static TraceStatement withoutSlow(TraceStatement statement) {
    TraceHead head = new TraceHead();
    head.setTold(statement.getHead().getTold());
    head.setSlow(List.of());
    TraceStatement rest = new TraceStatement();
    rest.setTick(statement.getTick());
    rest.setHead(head);
    return rest;
  }

  /**
   * The first whole tick at or behind each interval, and the last one: those at which a tracer that
   * reports so often does. Without an interval the last one.
   */
  public List<TraceView> views() {
    List<TraceView> views = new ArrayList<>();
    eachView(views::add);
    return views;
  }

  /** The same, one after the other; by several threads at once when all was taken. */
  public void eachView(Consumer<TraceView> views) {
    if (intervalNanos == null) {
      view().ifPresent(views);
      return;
    }
    TraceBook upTo = new TraceBook(null);
    List<TraceStatement> byTick = new ArrayList<>(all);
    byTick.sort(BY_TICK);
    long next = intervalNanos;
    long seen = Long.MIN_VALUE;
    for (TraceStatement statement : byTick) {
      upTo.add(statement);
      long tick = statement.getTick();
      if (statement.getHead() == null || tick == seen) {
        continue; // a row, or a repeat
      }
      seen = tick;
      long atNanos = statement.getAtNanos();
      if (atNanos >= next || tick == heads.lastKey()) {
        upTo.view().ifPresent(views);
        next = atNanos + intervalNanos - Math.floorMod(atNanos, intervalNanos);
      }
    }
  }

  /** Memory that it takes, roughly. */
  public long heldBytes() {
    return heldBytes;
  }

  /** The last whole tick; empty when there is none. */
  public Optional<TraceView> view() {
    if (heads.isEmpty()) {
      return Optional.empty();
    }
    TraceStatement last = heads.lastEntry().getValue();
    List<TraceRow> known = new ArrayList<>();
    long came = heads.size();
    for (StatedRow stated : rows.values()) {
      TraceStatement statement = stated.upTo(last.getTick());
      if (statement != null) {
        known.add(statement.getRow());
      }
      came += stated.countUpTo(last.getTick());
    }
    Slow slow = slow();
    return Optional.of(
        new TraceView(
            last.getProbe(),
            last.getAtNanos(),
            last.getHead(),
            known,
            slow.calls,
            slow.untold,
            Math.max(0, last.getHead().getStatements() - came)));
  }

  /** The rows whose first statements did not come, as the first one that did says. */
  Map<TraceKey, TraceRow> begun() {
    Map<TraceKey, TraceRow> begun = new HashMap<>();
    for (StatedRow stated : rows.values()) {
      if (stated.begun() != null) {
        TraceRow row = stated.begun().getRow();
        begun.put(TraceKey.of(row), row);
      }
    }
    return begun;
  }

  private static final class Slow {
    private final List<SlowCall> calls = new ArrayList<>();
    private long untold;
  }

  private Slow slow() {
    Slow slow = new Slow();
    TraceHead before = null;
    for (TraceStatement statement : heads.values()) {
      if (before != null && before.getTold()) {
        slow = new Slow();
      }
      before = statement.getHead();
      slow.calls.addAll(before.getSlow());
      slow.untold += before.getUntold();
    }
    return slow;
  }
}
