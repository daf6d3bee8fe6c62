package io.unfreed.streams.topology;

import io.unfreed.streams.report.IncarnationState;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The incarnations that were merged last, up to a number of stacks in all. The store has them too,
 * so whatever is dropped here is read again when a statement of it comes. Not thread-safe.
 */
final class IncarnationCache {
  /** About what a stack of a merged incarnation needs. */
  private static final long BYTES_PER_STACK = 512;

  /** The caches of all stream threads have this share of the heap, one of a few threads. */
  private static final long HEAP_PART = 64;

  private static final int LEAST_STACKS = 10_000;

  private final long mostStacks;
  private final Map<String, IncarnationState> states = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Integer> stacks = new HashMap<>();
  private long stackCount;

  /** A cache for one task of a service with this heap. */
  IncarnationCache() {
    this(Math.max(LEAST_STACKS, Runtime.getRuntime().maxMemory() / HEAP_PART / BYTES_PER_STACK));
  }

  /** A cache of so many stacks and incarnations. */
  IncarnationCache(long mostStacks) {
    this.mostStacks = mostStacks;
  }

  /** An incarnation, read by {@code load} when it is not here. */
  IncarnationState get(String incarnation, Supplier<IncarnationState> load) {
    return states.computeIfAbsent(incarnation, key -> load.get());
  }

  /** The incarnation has changed, and was stored. */
  void stored(String incarnation, IncarnationState state) {
    if (state.isOver()) {
      drop(incarnation);
      return;
    }
    count(incarnation, 1 + state.stackCount());
    Iterator<String> eldest = states.keySet().iterator();
    while (stackCount > mostStacks && states.size() > 1) {
      String dropped = eldest.next();
      eldest.remove();
      count(dropped, 0);
      stacks.remove(dropped);
    }
  }

  /** Forgets incarnations by the beginning of their keys. */
  void forget(String prefix) {
    for (String incarnation : List.copyOf(states.keySet())) {
      if (incarnation.startsWith(prefix)) {
        drop(incarnation);
      }
    }
  }

  /** The next statement finds the incarnation as it was stored. */
  void drop(String incarnation) {
    states.remove(incarnation);
    count(incarnation, 0);
    stacks.remove(incarnation);
  }

  /** Stacks and incarnations that are here. */
  long size() {
    return stackCount;
  }

  private void count(String incarnation, int now) {
    Integer before = stacks.put(incarnation, now);
    stackCount += now - (before == null ? 0 : before);
  }
}
