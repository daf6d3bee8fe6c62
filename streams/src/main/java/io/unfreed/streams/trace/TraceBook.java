package io.unfreed.streams.trace;

import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.RecordKeys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The statements of one trace, in any order of keys, repeated or not: what they say at the last
 * tick that was stated whole. A tick is whole when its head has come, which follows its rows.
 */
public final class TraceBook {
  /**
   * One row's last two statements: the newest may be of a tick whose head never came, because the
   * recorder was killed between.
   */
  private static final class Stated {
    /** All below came. */
    private long next;

    private final Set<Long> ahead = new HashSet<>();
    private TraceStatement newest;
    private TraceStatement before;

    void add(TraceStatement statement) {
      long sequence = statement.getSequence();
      if (sequence < next || !ahead.add(sequence)) {
        return;
      }
      while (ahead.remove(next)) {
        next++;
      }
      if (newest == null || sequence > newest.getSequence()) {
        before = newest;
        newest = statement;
      } else if (before == null || sequence > before.getSequence()) {
        before = statement;
      }
    }

    /** Up to a tick; null when there is none. */
    TraceStatement upTo(long tick) {
      if (newest.getTick() <= tick) {
        return newest;
      }
      return before == null || before.getTick() > tick ? null : before;
    }

    /** How many came up to a tick, which is the last one or that before. */
    long countUpTo(long tick) {
      return next + ahead.size() - (newest.getTick() > tick ? 1 : 0);
    }
  }

  /** Of a row's, its numbers included. */
  private static final long STATEMENT_BYTES = 1024;

  private static final Comparator<TraceStatement> BY_TICK =
      Comparator.comparingLong(TraceStatement::getTick)
          .thenComparing(statement -> statement.getHead() != null);

  private final Long untilNanos;
  private final Long intervalNanos;

  /** With an interval: all, to put earlier ticks together again. */
  private final List<TraceStatement> all = new ArrayList<>();

  private final Map<String, Stated> rows = new HashMap<>();
  private final TreeMap<Long, TraceStatement> heads = new TreeMap<>();

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
    }
    if (statement.getHead() != null) {
      heads.put(statement.getTick(), statement);
      forgetSlow(statement);
    } else {
      rows.computeIfAbsent(RecordKeys.of(statement), key -> new Stated()).add(statement);
    }
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
      heads.put(one.getKey(), withoutSlow(one.getValue()));
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
    return STATEMENT_BYTES * (all.size() + 2L * rows.size());
  }

  /** The last whole tick; empty when there is none. */
  public Optional<TraceView> view() {
    if (heads.isEmpty()) {
      return Optional.empty();
    }
    TraceStatement last = heads.lastEntry().getValue();
    List<TraceRow> known = new ArrayList<>();
    long came = heads.size();
    for (Stated stated : rows.values()) {
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
