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
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.record.StackRecords;
import io.unfreed.streams.record.StatementRecords;
import io.unfreed.streams.report.IncarnationState;
import io.unfreed.streams.report.LaneProgress;
import io.unfreed.streams.report.MergedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Incarnations in a key-value store, one small value per stack, by {@link IncarnationKeys}; and the
 * parts of statements whose last part has not come yet, so that a restart loses none.
 *
 * <p>Numbers only rise while statements wait: what comes is put behind, what was applied is
 * deleted, and what stays is not written again.
 */
final class ReportStore {
  private final KeyValueStore<String, byte[]> store;
  private final RecordCodec<MergeState> mergeStates;
  private final RecordCodec<StackMerge> stackMerges;
  private final RecordCodec<LaneTick> laneTicks;
  private final StoredIncarnations stored;

  ReportStore(KeyValueStore<String, byte[]> store, WriterSchemas later) {
    this.store = store;
    mergeStates = RecordCodec.mergeStates(later);
    stackMerges = RecordCodec.stackMerges(later);
    laneTicks = RecordCodec.laneTicks(later);
    stored =
        new StoredIncarnations(
            new StoredIncarnations.Entries() {
              @Override
              public byte[] get(String key) {
                return store.get(key);
              }

              @Override
              public List<KeyValue<String, byte[]>> scan(String prefix) {
                return ReportStore.this.scan(prefix);
              }
            },
            later);
  }

  /** The stored state of an incarnation, a new one when there is none. */
  IncarnationState load(String incarnation, int laneCount) {
    try {
      IncarnationState known = stored.load(incarnation);
      return known == null ? new IncarnationState(laneCount) : known;
    } catch (MalformedBatchException e) {
      throw damaged(e);
    }
  }

  /**
   * Whether a tick in which nothing changed need not be stored. Of one lane that has: its next
   * statement says itself how far it has come, and nobody waits for it. What a restart finds is
   * then some ticks older, and the same but for that.
   */
  static boolean isKnown(IncarnationState state) {
    if (state.lanes().length > 1 || !state.lanes()[0].ahead().isEmpty()) {
      return false;
    }
    state.lanes()[0].takeChanged(); // came and went
    return true;
  }

  /**
   * Stores what changed since the last call.
   *
   * @return the stacks that changed or were forgotten
   */
  Set<StackKey> save(String name, IncarnationState state) {
    IncarnationKeys keys = IncarnationKeys.of(name);
    Set<StackKey> touched = state.takeTouched();
    for (StackKey key : touched) {
      MergedStack stack = state.stack(key);
      store.put(keys.stack(key), stack == null ? null : stackMerges.encode(toRecord(stack)));
    }
    List<LaneMergeState> lanes = new ArrayList<>();
    for (int lane = 0; lane < state.lanes().length; lane++) {
      LaneProgress progress = state.lanes()[lane];
      saveWaiting(keys, lane, progress);
      LaneTick last =
          progress.last() == null ? null : StatementRecords.toRecords(progress.last()).getFirst();
      lanes.add(new LaneMergeState(last, progress.ended(), progress.ahead().size()));
    }
    store.put(keys.head(), mergeStates.encode(new MergeState(state.publishedTick(), lanes)));
    return touched;
  }

  /**
   * Deletes every incarnation whose name begins so.
   *
   * @return the names of the per-stack states that were known of them: incarnation/stack/space
   */
  List<String> forget(String prefix) {
    List<String> states = new ArrayList<>();
    for (KeyValue<String, byte[]> entry : scan(StoreKeys.of(prefix))) {
      String[] parts = entry.key.split("\\|");
      if (parts.length == 4 && parts[1].equals("s")) {
        String space = AddressSpace.ALL.get(Integer.parseInt(parts[3])).label();
        states.add(StoreKeys.name(parts[0]) + "/" + parts[2] + "/" + space);
      }
      store.delete(entry.key);
    }
    return states;
  }

  /** The parts of a lane's newest statement that have come. */
  List<LaneTick> parts(String name, int lane) {
    List<LaneTick> parts = new ArrayList<>();
    try {
      for (KeyValue<String, byte[]> entry : scan(IncarnationKeys.of(name).parts(lane))) {
        parts.add(laneTicks.decode(entry.value));
      }
    } catch (MalformedBatchException e) {
      throw damaged(e);
    }
    return parts;
  }

  void savePart(String name, LaneTick part) {
    store.put(
        IncarnationKeys.of(name).part(part.getLane(), part.getPart()), laneTicks.encode(part));
  }

  void dropParts(String name, int lane) {
    deleteAll(IncarnationKeys.of(name).parts(lane));
  }

  private void saveWaiting(IncarnationKeys keys, int lane, LaneProgress progress) {
    for (long number : progress.takeChanged()) {
      deleteAll(keys.waiting(lane, number));
      LaneStatement statement = progress.ahead().get(number);
      if (statement != null) {
        for (LaneTick part : StatementRecords.toRecords(statement)) {
          store.put(keys.waiting(lane, number, part.getPart()), laneTicks.encode(part));
        }
      }
    }
  }

  private void deleteAll(String prefix) {
    for (KeyValue<String, byte[]> entry : scan(prefix)) {
      store.delete(entry.key);
    }
  }

  private static IllegalStateException damaged(MalformedBatchException e) {
    return new IllegalStateException("the report store is damaged: " + e.getMessage(), e);
  }

  private List<KeyValue<String, byte[]>> scan(String prefix) {
    List<KeyValue<String, byte[]>> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(prefix, new StringSerializer())) {
      entries.forEachRemaining(found::add);
    }
    return found;
  }

  private static StackMerge toRecord(MergedStack stack) {
    List<StackState> lanes = new ArrayList<>();
    for (StackNumbers numbers : stack.lanes()) {
      lanes.add(numbers == null ? null : StackRecords.toRecord(numbers));
    }
    return new StackMerge(lanes, 0L, 0L);
  }
}
