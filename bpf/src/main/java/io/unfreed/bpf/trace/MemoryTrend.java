package io.unfreed.bpf.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whose kernel memory rises: more blocks outstanding at one look than at the one before. */
public final class MemoryTrend {
  private record Seen(long outstanding, int rises) {}

  private final Map<Integer, Seen> processes = new HashMap<>();

  public void look(List<TraceMemory> rows) {
    for (TraceMemory row : rows) {
      Seen before = processes.get(row.tgid());
      boolean rose = before != null && row.outstanding() > before.outstanding();
      processes.put(row.tgid(), new Seen(row.outstanding(), rose ? before.rises() + 1 : 0));
    }
  }

  /** At how many looks in a row up to the last one the blocks of a process had become more. */
  public int rises(int tgid) {
    Seen seen = processes.get(tgid);
    return seen == null ? 0 : seen.rises();
  }
}
