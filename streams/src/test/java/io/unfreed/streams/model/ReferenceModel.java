package io.unfreed.streams.model;

import static io.unfreed.schemas.wire.EventCodes.*;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * CONTRACT.md, section 1, in plain maps. A block owns one unit: its address; a mapping its pages.
 */
public final class ReferenceModel {
  record Unit(int space, long number) {}

  record Key(int stack, int space) {}

  static final class Block {
    final Key key;
    final long time, size;
    long left;
    int units;

    Block(Key key, long time, long size, int units) {
      this.key = key;
      this.time = time;
      this.size = this.left = size;
      this.units = units;
    }
  }

  /** A pending release: what it will take, and the block that was its thread's event before it. */
  private record Call(boolean mapping, boolean empty, Map<Unit, Block> held, Block last) {}

  final Map<Unit, Block> owner = new HashMap<>();
  final Map<String, Long> total = new TreeMap<>();
  final Map<Key, Map<String, Long>> byStack = new HashMap<>();
  long bytes, peak, doubtfulUntil = Long.MIN_VALUE;
  boolean ended;
  private final Map<Integer, Call> calls = new LinkedHashMap<>();
  private final Map<Integer, Block> lastOf = new HashMap<>();
  private final LongPredicate counted;

  ReferenceModel(LongPredicate counted) {
    this.counted = counted;
  }

  void apply(Event e) {
    switch (e.code()) {
      case OUTCOME_HEAP, OUTCOME_MAPPING -> succeed(e);
      case OUTCOME_FAILED -> calls.remove(e.thread());
      case EXEC, EXIT, END -> finish(e);
      case MARK, FORK, LOST -> {}
      default -> {
        miss(e.thread(), e.time());
        switch (e.code()) {
          case INTENT_HEAP, INTENT_MAPPING -> intend(e);
          case FREE_HEAP, UNMAP, FREE_SLAB, FREE_PAGE, FREE_PERCPU -> release(e);
          default -> open(e);
        }
      }
    }
    peak = Math.max(peak, bytes);
  }

  void lost(long events, long to) {
    total.merge("lost", events, Long::sum);
    doubtfulUntil = Math.max(doubtfulUntil, to);
  }

  private void open(Event e) {
    for (Unit unit : e.units()) {
      Block old = owner.get(unit);
      List<Call> holders =
          calls.values().stream().filter(c -> old != null && c.held.get(unit) == old).toList();
      boolean temporary =
          holders.stream().anyMatch(c -> c.last == old)
              || e.isMapping() && lastOf.get(e.thread()) == old;
      take(unit, e.isMapping() || !holders.isEmpty() ? "frees" : "superseded", temporary, e.time());
    }
    int units = e.units().size();
    Block block =
        new Block(
            new Key(e.stack(), e.space()),
            e.time(),
            e.isMapping() ? units * Event.PAGE : e.size(),
            units);
    e.units().forEach(unit -> owner.put(unit, block));
    lastOf.put(e.thread(), block);
    bytes += block.size;
    add(block, "allocations", 1);
    add(block, "allocatedBytes", block.size);
  }

  private void release(Event e) {
    if (e.units().stream().noneMatch(owner::containsKey)) total.merge("unmatched", 1L, Long::sum);
    for (Unit unit : e.units()) {
      if (!e.isMapping()) calls.values().forEach(c -> c.held.remove(unit, owner.get(unit)));
      take(unit, "frees", lastOf.get(e.thread()) == owner.get(unit), e.time());
    }
    lastOf.remove(e.thread());
  }

  private void intend(Event e) {
    Map<Unit, Block> held = new HashMap<>();
    for (Unit unit : e.units()) {
      Block block = owner.get(unit);
      if (block != null
          && (e.isMapping() || calls.values().stream().noneMatch(c -> c.held.get(unit) == block)))
        held.put(unit, block);
    }
    calls.put(
        e.thread(), new Call(e.isMapping(), e.units().isEmpty(), held, lastOf.get(e.thread())));
  }

  private void succeed(Event e) {
    Call call = calls.get(e.thread());
    if (call != null && call.mapping != e.isMapping()) miss(e.thread(), e.time());
    complete(e.thread(), e.time());
    if (e.address() != 0) open(e);
  }

  private void complete(int thread, long time) {
    Call call = calls.remove(thread);
    if (call != null && call.held.isEmpty() && !call.empty) total.merge("unmatched", 1L, Long::sum);
    if (call != null)
      call.held.forEach((unit, block) -> {
        if (owner.get(unit) == block) take(unit, "frees", call.last == block, time);
      });
    lastOf.remove(thread);
  }

  private void miss(int thread, long time) {
    if (!calls.containsKey(thread)) return;
    total.merge("missing", 1L, Long::sum);
    complete(thread, time);
  }

  private void finish(Event e) {
    new ArrayList<>(calls.keySet()).forEach(thread -> miss(thread, e.time()));
    ended = e.code() != EXEC;
    if (ended) return;
    owner.values().stream().distinct().forEach(block -> add(block, "closedByExec", 1));
    owner.clear();
    lastOf.clear();
    bytes = 0;
  }

  private void take(Unit unit, String why, boolean temporary, long time) {
    Block block = owner.remove(unit);
    if (block == null) return;
    long part = unit.space() == Event.MAPPING ? Event.PAGE : block.size;
    bytes -= part;
    block.left -= part;
    if (--block.units > 0) return;
    add(block, why, 1);
    if (temporary) total.merge("temporary", 1L, Long::sum);
    if (why.equals("frees")) add(block, "lived " + bucket(time - block.time), 1);
  }

  static int bucket(long nanos) {
    return nanos <= 0 ? 0 : Math.min(48, Long.SIZE - Long.numberOfLeadingZeros(nanos));
  }

  private void add(Block block, String what, long amount) {
    total.merge(what, amount, Long::sum);
    byStack
        .computeIfAbsent(block.key, key -> new TreeMap<>())
        .merge(what, counted.test(block.size) ? amount : 0, Long::sum);
  }
}
