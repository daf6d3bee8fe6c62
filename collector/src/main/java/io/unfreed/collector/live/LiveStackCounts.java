package io.unfreed.collector.live;

import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.unwind.UnwindTables;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How well stacks were unwound, for the counters of a recording's end.
 *
 * @param incomplete distinct stacks that are not whole, by reason
 * @param tables the rules they were unwound by; empty if by frame pointers
 */
record LiveStackCounts(Map<Incomplete, Long> incomplete, Optional<UnwindTables> tables) {
  /** By name; {@code incompleteStacks} is what a recording by the library has, too. */
  Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    counters.put("incompleteStacks", incomplete.values().stream().mapToLong(Long::longValue).sum());
    incomplete.forEach((why, stacks) -> counters.put(name(why), stacks));
    tables.ifPresent(unwinding -> {
      counters.put("unwindTables", (long) unwinding.count());
      counters.put("unwindTableBytes", unwinding.bytes());
      counters.put("unwindTablesRefused", unwinding.refused());
    });
    return counters;
  }

  private static String name(Incomplete why) {
    return Ending.camelCase("INCOMPLETE_" + why.name());
  }
}
