package io.unfreed.streams.topology;

import io.unfreed.schemas.LaneMergeState;
import io.unfreed.schemas.LaneTick;
import io.unfreed.schemas.MergeState;
import io.unfreed.schemas.StackMerge;
import io.unfreed.schemas.StackState;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.RecordCodec;
import io.unfreed.schemas.wire.WriterSchemas;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.record.StackRecords;
import io.unfreed.streams.record.StatementRecords;
import io.unfreed.streams.report.IncarnationState;
import io.unfreed.streams.report.LaneProgress;
import io.unfreed.streams.report.MergedStack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;

/** Reads incarnations from the entries that {@link ReportStore} made of them. */
final class StoredIncarnations {
  /** Where the entries are. */
  interface Entries {
    byte[] get(String key);

    /** Those whose keys begin so, in the order of their keys. */
    List<KeyValue<String, byte[]>> scan(String prefix);
  }

  private final Entries entries;
  private final RecordCodec<MergeState> mergeStates;
  private final RecordCodec<StackMerge> stackMerges;
  private final RecordCodec<LaneTick> laneTicks;

  StoredIncarnations(Entries entries, WriterSchemas later) {
    this.entries = entries;
    mergeStates = RecordCodec.mergeStates(later);
    stackMerges = RecordCodec.stackMerges(later);
    laneTicks = RecordCodec.laneTicks(later);
  }

  /** An incarnation; null when there is none of this name. */
  IncarnationState load(String name) throws MalformedBatchException {
    IncarnationKeys keys = IncarnationKeys.of(name);
    byte[] head = entries.get(keys.head());
    return head == null ? null : load(keys, mergeStates.decode(head));
  }

  private IncarnationState load(IncarnationKeys keys, MergeState head)
      throws MalformedBatchException {
    Map<StackKey, MergedStack> stacks = new HashMap<>();
    for (KeyValue<String, byte[]> entry : entries.scan(keys.stacks())) {
      MergedStack stack = fromRecord(stackMerges.decode(entry.value));
      Arrays.stream(stack.lanes())
          .filter(n -> n != null)
          .findFirst()
          .ifPresent(n -> stacks.put(n.key(), stack));
    }
    LaneProgress[] lanes = new LaneProgress[head.getLanes().size()];
    for (int lane = 0; lane < lanes.length; lane++) {
      LaneMergeState stored = head.getLanes().get(lane);
      LaneStatement last =
          stored.getLast() == null ? null : StatementRecords.fromRecords(List.of(stored.getLast()));
      lanes[lane] = new LaneProgress(last, stored.getEnded(), loadAhead(keys, lane));
    }
    return new IncarnationState(lanes, stacks, head.getPublishedTick());
  }

  /** What waits, by the numbers in the keys; the first version had numbered it from 0 each time. */
  private SortedMap<Long, LaneStatement> loadAhead(IncarnationKeys keys, int lane)
      throws MalformedBatchException {
    String prefix = keys.waiting(lane);
    SortedMap<Long, List<LaneTick>> parts = new TreeMap<>();
    for (KeyValue<String, byte[]> part : entries.scan(prefix)) {
      int end = part.key.indexOf('|', prefix.length());
      long number = Long.parseLong(part.key, prefix.length(), end, 10);
      parts.computeIfAbsent(number, n -> new ArrayList<>()).add(laneTicks.decode(part.value));
    }
    SortedMap<Long, LaneStatement> ahead = new TreeMap<>();
    parts.forEach((number, whole) -> ahead.put(number, StatementRecords.fromRecords(whole)));
    return ahead;
  }

  private static MergedStack fromRecord(StackMerge record) {
    StackNumbers[] lanes = new StackNumbers[record.getLanes().size()];
    for (int i = 0; i < lanes.length; i++) {
      StackState state = record.getLanes().get(i);
      lanes[i] = state == null ? null : StackRecords.fromRecord(state);
    }
    return new MergedStack(lanes);
  }
}
