package io.unfreed.bpf.trace;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whose kernel memory rises: more blocks outstanding at each of the last three looks. */
public final class MemoryTrend {
  private static final int RISES = 3;

  private record Seen(long outstanding, int rises) {}

  private final long suspectAbove;
  private final Map<Integer, Seen> processes = new HashMap<>();

  public MemoryTrend(long suspectAbove) {
    this.suspectAbove = suspectAbove;
  }

  public void look(List<TraceMemory> rows) {
    for (TraceMemory row : rows) {
      Seen before = processes.get(row.tgid());
      boolean rose = before != null && row.outstanding() > before.outstanding();
      processes.put(row.tgid(), new Seen(row.outstanding(), rose ? before.rises() + 1 : 0));
    }
  }

  /** Processes with more than so many blocks outstanding, and rising. */
  public Set<Integer> suspects() {
    Set<Integer> suspects = new HashSet<>();
    processes.forEach((tgid, seen) -> {
      if (seen.outstanding() > suspectAbove && seen.rises() >= RISES) {
        suspects.add(tgid);
      }
    });
    return suspects;
  }
}
