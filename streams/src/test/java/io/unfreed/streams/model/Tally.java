package io.unfreed.streams.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Blocks, pending calls and counters of the reference model; what moves them is {@link
 * ReferenceModel}'s.
 */
class Tally {
  /** What a block owns: a heap or kernel block its address, a mapping each of its pages. */
  record Unit(int space, long number) {}

  /** A stack in a space. */
  record Key(int stack, int space) {}

  /** An outstanding block. */
  static final class Block {
    final Key key;
    final long time;
    final long clock;
    final long size;
    final int thread;
    long left;
    int units;

    /** Event time of the allocation. */
    long born;

    /** When the chain of reallocations began that it is the last of, for its verdict. */
    long chain;

    Block(Event e, long clock) {
      this.clock = clock;
      units = e.units().size();
      key = new Key(e.stack(), e.space());
      time = e.time();
      thread = e.thread();
      size = e.isMapping() ? units * Event.PAGE : e.size();
      left = size;
    }
  }

  /** A block that is outstanding no more: why, by whom, and the stamp and event time of that. */
  record Closed(Block block, String why, int by, long stamp, long now) {}

  /** A pending release: what it will take, and the block its thread had just allocated. */
  record Call(Event intent, Map<Unit, Block> held, Block last) {
    int by() {
      return intent.releaser();
    }

    boolean isOfUnknown() {
      return held.isEmpty() && !intent.units().isEmpty();
    }
  }

  final Map<Integer, Call> calls = new LinkedHashMap<>();
  final Map<Integer, Block> lastOf = new HashMap<>();
  final Map<Unit, Block> owner = new HashMap<>();
  final Map<String, Long> total = new TreeMap<>();
  final Map<Key, Map<String, Long>> byStack = new HashMap<>();
  final List<Closed> closed = new ArrayList<>();
  long now;
  long bytes;
  long peak;
  boolean ended;
  long doubtfulUntil = Long.MIN_VALUE;
  boolean inPart;

  /** For verdicts. */
  final Changes changes = new Changes();

  boolean timed;

  /** A realloc makes a new block of what is taken. */
  boolean moves;

  /** When the chain of what was taken began. */
  Long movedChain;

  /** Of the event that is applied: its time, or the bytes allocated before it. */
  long clock;

  /** Per-stack counters count allocations of these sizes. */
  LongPredicate counted = size -> true;

  List<Unit> known(Event e) {
    return e.units().stream().filter(owner::containsKey).toList();
  }

  Map<Unit, Block> owners(Event e) {
    Map<Unit, Block> owners = new HashMap<>();
    known(e).forEach(unit -> owners.put(unit, owner.get(unit)));
    return owners;
  }

  List<Call> callsThatHold(Unit unit, Block block) {
    return calls.values().stream().filter(c -> c.held().get(unit) == block).toList();
  }

  void count(String what, long amount) {
    total.merge(what, amount, Long::sum);
  }

  void add(Block block, String what, long amount) {
    count(what, amount);
    byStack
        .computeIfAbsent(block.key, key -> new TreeMap<>())
        .merge(what, counted.test(block.size) ? amount : 0, Long::sum);
  }

  void open(Block block, List<Unit> units) {
    units.forEach(unit -> owner.put(unit, block));
    block.chain = changes.birth(movedChain, block.clock);
    block.born = now;
    bytes += block.size;
    add(block, "allocations", 1);
    if (counted.test(block.size)) {
      changes.born(block.key, block.chain, block.clock, block.size);
    }
    add(block, "allocatedBytes", block.size);
  }

  /** The image of the process is replaced. */
  void closeAll(long stamp) {
    for (Block block : Set.copyOf(owner.values())) {
      add(block, "closedByExec", 1);
      closed.add(new Closed(block, "closedByExec", -1, stamp, now));
    }
    owner.clear();
    lastOf.clear();
    bytes = 0;
    changes.clear();
  }

  /** A unit loses its owner; with its last unit the block goes, for the reason given. */
  void take(Unit unit, String why, boolean temporary, long time, int by) {
    Block block = owner.remove(unit);
    long part = unit.space() == Event.MAPPING ? Event.PAGE : block.size;
    bytes -= part;
    block.left -= part;
    block.units--;
    boolean isMapping = unit.space() == Event.MAPPING;
    boolean isMoved = moves && why.equals("frees") && !isMapping;
    if (isMoved) {
      movedChain = block.chain;
    }
    if (counted.test(block.size) && (isMapping || block.units == 0)) {
      changes.gone(block.key, block.chain, clock, isMapping ? 0 : 1, part, isMoved);
    }
    if (counted.test(block.size) && isMapping && block.units == 0) {
      changes.gone(block.key, block.chain, clock, 1, 0, false);
    }
    if (block.units == 0) {
      add(block, why, 1);
      closed.add(new Closed(block, why, by, time, now));
      add(block, "temporary", temporary ? 1 : 0);
      add(block, "moved", isMoved ? 1 : 0);
      if (why.equals("frees")) {
        add(block, "lived " + bucket(isMoved ? 0 : clock - block.chain), 1);
        add(block, "by " + by, 1);
      }
    }
  }

  void lost(long events, long to) {
    count("lost", events);
    doubtfulUntil = timed ? Math.max(doubtfulUntil, to) : Long.MAX_VALUE; // no time, no order
  }

  static int bucket(long nanos) {
    return nanos <= 0 ? 0 : Math.min(48, Long.SIZE - Long.numberOfLeadingZeros(nanos));
  }
}
