package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.IncarnationState;
import io.unfreed.streams.report.LaneProgress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;

/**
 * A session as the service's tasks know it together: what {@link LedgerRun} would answer of the
 * same events. Lanes that go on count as their ledgers have them now, with every stack, whatever
 * the report stage has heard of them; lanes that have ended as the report stage has them.
 *
 * <p>Shares are taken one after the other, while events are processed. Scenario, pinned by
 * SharedStateTest: a lane ends behind the moment in which its report was read and before its
 * ledgers are. Then the ledgers know an end that the report does not, and there is no answer yet.
 *
 * @param reports by time, then process, one of each incarnation
 * @param stacks every stack, by incarnation key, those without outstanding blocks as well
 * @param marks named moments; null when some may be missing
 * @param isOpen some lane goes on
 */
public record SharedState(
    List<IncarnationReport> reports,
    Map<String, List<StackNumbers>> stacks,
    Collection<Mark> marks,
    boolean isOpen) {

  /**
   * Puts shares together, one of each task.
   *
   * @return null when they do not belong together: they have to be asked for again, or the events
   */
  public static SharedState of(Collection<TaskShare> shares, WriterSchemas later) {
    try {
      return new Merging(shares, later).merge();
    } catch (MalformedBatchException e) {
      return null; // an instance of a later version has written it
    }
  }

  private static boolean isCounted(StackNumbers stack) {
    return stack.frees() == 0 || stack.releases().moved() != null;
  }

  private static final class Merging {
    private static final IncarnationState.Listener NOBODY = (report, marker) -> {};

    private final TreeMap<String, byte[]> entries = new TreeMap<>();
    private final Map<String, List<LaneStatement>> open = new TreeMap<>();
    private final Set<Long> endedLanes = new HashSet<>();
    private final List<IncarnationReport> reports = new ArrayList<>();
    private final Map<String, List<StackNumbers>> stacks = new HashMap<>();
    private final StoredIncarnations stored;
    private Set<Mark> marks = new TreeSet<>(Mark.ORDER);
    private boolean isOpen;

    Merging(Collection<TaskShare> shares, WriterSchemas later) {
      for (TaskShare share : shares) {
        entries.putAll(share.merged());
        endedLanes.addAll(share.endedLanes());
        share
            .lanes()
            .forEach(lane ->
                open.computeIfAbsent(lane.key().incarnationKey(), key -> new ArrayList<>())
                    .add(lane));
        if (share.marks() == null) {
          marks = null;
        } else if (marks != null) {
          marks.addAll(share.marks());
        }
      }
      stored = new StoredIncarnations(scanned(), later);
    }

    SharedState merge() throws MalformedBatchException {
      for (String incarnation : incarnations()) {
        if (!add(incarnation)) {
          return null;
        }
      }
      if (!endedLanes.isEmpty()) {
        return null; // the report stage has not heard of their end
      }
      reports.sort(LedgerRun.ORDER);
      return new SharedState(reports, stacks, marks, isOpen);
    }

    private Set<String> incarnations() {
      Set<String> names = new TreeSet<>(open.keySet());
      for (String key : entries.keySet()) {
        String[] parts = key.split("\\|", -1);
        if (parts.length == 2 && parts[1].equals("h")) {
          names.add(StoreKeys.name(parts[0]));
        }
      }
      return names;
    }

    private boolean add(String incarnation) throws MalformedBatchException {
      List<LaneStatement> going = open.getOrDefault(incarnation, List.of());
      IncarnationState known = stored.load(incarnation);
      IncarnationState state =
          known == null ? new IncarnationState(going.getFirst().lane().laneCount()) : known;
      Set<Integer> lanesOpen = new HashSet<>();
      for (LaneStatement lane : going) {
        int number = lane.key().lane();
        // A lane beyond the announced ones does not count; one that has ended since counts so.
        if (number < state.lanes().length && !state.lanes()[number].isFinal()) {
          state.accept(lane, NOBODY);
          lanesOpen.add(number);
        }
      }
      if (!isWhole(incarnation, state, lanesOpen)) {
        return false;
      }
      isOpen |= !lanesOpen.isEmpty();
      boolean[] isDegraded = new boolean[1];
      state.answerNow(
          null,
          (report, marker) -> {
            reports.add(report);
            isDegraded[0] = report.totals().degraded() != null;
          });
      List<StackNumbers> now = state.stacksNow();
      stacks.put(incarnation, now);
      // What an earlier version's snapshot did not count, the events tell.
      return !isDegraded[0] && now.stream().allMatch(SharedState::isCounted);
    }

    /** Whether each lane that said anything goes on or has ended, and its end is known here. */
    private boolean isWhole(String incarnation, IncarnationState state, Set<Integer> lanesOpen) {
      int slash = incarnation.indexOf('/');
      for (int i = 0; i < state.lanes().length; i++) {
        LaneProgress lane = state.lanes()[i];
        if (lane.isFinal()) {
          endedLanes.remove(
              EndedLanes.laneHash(
                  new LaneKey(
                      incarnation.substring(0, slash), incarnation.substring(slash + 1), i)));
        } else if (!lanesOpen.contains(i) && (lane.last() != null || !lane.ahead().isEmpty())) {
          return false; // its ledger is gone, it was silent for longer than the log is retained
        }
      }
      return true;
    }

    private StoredIncarnations.Entries scanned() {
      return new StoredIncarnations.Entries() {
        @Override
        public byte[] get(String key) {
          return entries.get(key);
        }

        @Override
        public List<KeyValue<String, byte[]>> scan(String prefix) {
          return entries.subMap(prefix, prefix + Character.MAX_VALUE).entrySet().stream()
              .map(entry -> KeyValue.pair(entry.getKey(), entry.getValue()))
              .toList();
        }
      };
    }
  }
}
