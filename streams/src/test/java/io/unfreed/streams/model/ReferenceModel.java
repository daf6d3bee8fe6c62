package io.unfreed.streams.model;

import static io.unfreed.schemas.wire.EventCodes.*;

import java.util.List;
import java.util.Map;

/** What each event does to the blocks: docs/contract.md, section 1, in plain maps. */
final class ReferenceModel extends Tally {
  void apply(Event e) {
    clock = timed ? e.time() : total.getOrDefault("allocatedBytes", 0L);
    switch (e.code()) {
      case MARK, FORK, LOST -> {}
      case OUTCOME_FAILED -> calls.remove(e.thread());
      case OUTCOME_HEAP, OUTCOME_MAPPING -> succeed(e);
      case INTENT_HEAP, INTENT_MAPPING -> intend(e);
      case FREE_HEAP, UNMAP, FREE_SLAB, FREE_PAGE, FREE_PERCPU -> release(e);
      case FREE_AT_THREAD_END -> releaseKnown(e);
      case EXEC, EXIT, END -> finish(e);
      default -> allocate(e);
    }
    peak = Math.max(peak, bytes);
  }

  private void allocate(Event e) {
    miss(e.thread(), e.time());
    for (Unit unit : known(e)) {
      Block old = owner.get(unit);
      List<Call> pending = callsThatHold(unit, old);
      boolean isOwn = e.isMapping() && lastOf.get(e.thread()) == old;
      boolean temporary = isOwn || pending.stream().anyMatch(c -> c.last() == old);
      String why = e.isMapping() || !pending.isEmpty() ? "frees" : "superseded";
      int by = e.isMapping() || pending.isEmpty() ? e.placer() : pending.getFirst().by();
      take(unit, why, temporary, e.time(), by);
    }
    Block block = new Block(e, clock);
    lastOf.put(e.thread(), block);
    open(block, e.units());
  }

  private void release(Event e) {
    miss(e.thread(), e.time());
    count("unmatched", known(e).isEmpty() ? 1 : 0);
    for (Unit unit : known(e)) {
      Block block = owner.get(unit);
      if (!e.isMapping()) {
        calls.values().forEach(c -> c.held().remove(unit, block));
      }
      take(unit, "frees", lastOf.get(e.thread()) == block, e.time(), e.releaser());
    }
    lastOf.remove(e.thread());
  }

  private void releaseKnown(Event e) {
    if (!known(e).isEmpty()) {
      release(e);
    }
  }

  private void intend(Event e) {
    miss(e.thread(), e.time());
    Map<Unit, Block> held = owners(e);
    if (!e.isMapping()) {
      calls.values().forEach(c -> held.entrySet().removeAll(c.held().entrySet()));
    }
    calls.put(e.thread(), new Call(e, held, lastOf.get(e.thread())));
  }

  private void succeed(Event e) {
    Call call = calls.get(e.thread());
    count("missing", call != null && call.intent().isMapping() != e.isMapping() ? 1 : 0);
    moves = !e.isMapping() && e.address() != 0 && call != null && !call.intent().isMapping();
    complete(e.thread(), e.time());
    moves = false;
    if (e.address() != 0) {
      allocate(e);
    }
    movedChain = null;
  }

  private void complete(int thread, long time) {
    Call call = calls.remove(thread);
    if (call != null) {
      count("unmatched", call.isOfUnknown() ? 1 : 0);
      call.held().entrySet().removeIf(h -> owner.get(h.getKey()) != h.getValue());
      call.held()
          .forEach((unit, block) -> take(unit, "frees", call.last() == block, time, call.by()));
    }
    lastOf.remove(thread);
  }

  private void miss(int thread, long time) {
    if (calls.containsKey(thread)) {
      count("missing", 1);
      complete(thread, time);
    }
  }

  private void finish(Event e) {
    List.copyOf(calls.keySet()).forEach(thread -> miss(thread, e.time()));
    ended = e.code() != EXEC;
    if (!ended) {
      closeAll(e.time());
    }
  }
}
