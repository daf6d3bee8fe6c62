package io.unfreed.server.answer;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a session stands, as its newest reports have it: what a timeline's end stands for.
 *
 * @param processes by incarnation key
 * @param stacks outstanding blocks of all processes together, by stack; none without blocks
 */
record Standing(Map<String, OfProcess> processes, Map<StackKey, Held> stacks) {
  /**
   * One process.
   *
   * @param atNanos event time until which its events are in this
   * @param counts of all its blocks
   * @param lost events that could concern it
   * @param isFollowed every block was
   */
  record OfProcess(long atNanos, Counts counts, long lost, boolean isFollowed) {
    /** Before its first event. */
    static final OfProcess NOTHING = new OfProcess(0, Counts.NONE, 0, true);

    /** Whether what counts events and time only rose since another one. */
    boolean canFollow(OfProcess before) {
      return atNanos >= before.atNanos
          && lost >= before.lost
          && counts.allocations() >= before.counts.allocations()
          && counts.frees() >= before.counts.frees()
          && counts.superseded() >= before.counts.superseded()
          && counts.closedByExec() >= before.counts.closedByExec()
          && counts.allocatedBytes() >= before.counts.allocatedBytes();
    }

    /** Whether nothing happened since another one that a timeline draws. */
    boolean drawsAs(OfProcess before) {
      return lost == before.lost
          && counts.allocations() == before.counts.allocations()
          && counts.frees() == before.counts.frees()
          && counts.allocatedBytes() == before.counts.allocatedBytes()
          && counts.outstandingBytes() == before.counts.outstandingBytes()
          && counts.outstandingCount() == before.counts.outstandingCount();
    }
  }

  /** Outstanding blocks of a stack. */
  record Held(long bytes, long count) {
    static final Held NOTHING = new Held(0, 0);

    private Held plus(StackNumbers stack) {
      return new Held(bytes + stack.outstandingBytes(), count + stack.outstandingCount());
    }
  }

  /** Of a session's newest reports, which list all stacks with outstanding blocks. */
  static Standing of(List<IncarnationReport> reports) {
    Map<String, OfProcess> processes = new LinkedHashMap<>();
    Map<StackKey, Held> stacks = new HashMap<>();
    for (IncarnationReport report : reports) {
      processes.put(
          LaneKey.incarnationKey(report.session(), report.incarnation()),
          new OfProcess(
              report.atNanos() == null ? 0 : report.atNanos(),
              report.totals().counts(),
              report.totals().lostEvents(),
              report.totals().degraded() == null));
      for (StackNumbers stack : report.stacks()) {
        stacks.put(stack.key(), stacks.getOrDefault(stack.key(), Held.NOTHING).plus(stack));
      }
    }
    return new Standing(processes, stacks);
  }

  /** Event time of the process that came furthest. */
  long atNanos() {
    return processes.values().stream().mapToLong(OfProcess::atNanos).max().orElse(0);
  }

  /**
   * Whether it can have become of another one by events: no process went, nothing that only rises
   * fell, and every block was followed.
   */
  boolean canFollow(Standing before) {
    for (Map.Entry<String, OfProcess> one : before.processes.entrySet()) {
      OfProcess now = processes.get(one.getKey());
      if (now == null || !now.canFollow(one.getValue())) {
        return false;
      }
    }
    return isFollowed() && before.isFollowed();
  }

  private boolean isFollowed() {
    return processes.values().stream().allMatch(OfProcess::isFollowed);
  }

  /** Whether nothing happened since another one that a timeline draws. */
  boolean drawsAs(Standing before) {
    if (!processes.keySet().equals(before.processes.keySet()) || !stacks.equals(before.stacks)) {
      return false;
    }
    for (Map.Entry<String, OfProcess> one : processes.entrySet()) {
      if (!one.getValue().drawsAs(before.processes.get(one.getKey()))) {
        return false;
      }
    }
    return true;
  }
}
