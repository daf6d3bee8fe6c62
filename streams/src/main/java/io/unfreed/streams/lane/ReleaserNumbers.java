package io.unfreed.streams.lane;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.ledger.Releasers;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers the stacks that release, for the ledger. Not thread-safe. */
final class ReleaserNumbers {
  private static final int SNAPSHOT_VERSION = 1;

  private static final int UNRESOLVED = -1;

  private final List<StackId> stacks = new ArrayList<>();
  private final Map<StackId, Integer> numbers = new HashMap<>();

  /** By stack reference of the current batch. */
  private int[] numberOfRef = new int[16];

  private List<StackId> batchStacks = List.of();

  ReleaserNumbers() {
    stacks.add(StackId.UNKNOWN);
    numbers.put(StackId.UNKNOWN, Releasers.UNKNOWN);
  }

  /** Makes ready for the events of a batch. */
  void begin(EventCursor cursor) {
    batchStacks = cursor.stacks();
    if (numberOfRef.length < batchStacks.size()) {
      numberOfRef = new int[Math.max(batchStacks.size(), numberOfRef.length * 2)];
    }
    Arrays.fill(numberOfRef, 0, batchStacks.size(), UNRESOLVED);
  }

  /** Who releases what the event under the cursor releases, if it releases anything. */
  int number(EventCursor e) {
    int ref =
        switch (e.code()) {
          case EventCodes.FREE_HEAP,
              EventCodes.FREE_AT_THREAD_END,
              EventCodes.INTENT_HEAP,
              EventCodes.UNMAP,
              EventCodes.INTENT_MAPPING,
              EventCodes.FREE_SLAB,
              EventCodes.FREE_PAGE,
              EventCodes.FREE_PERCPU ->
              e.releaseRef();
          case EventCodes.MAP, EventCodes.OUTCOME_MAPPING -> e.stackRef();
          default -> EventCursor.NO_STACK;
        };
    if (ref == EventCursor.NO_STACK) {
      return Releasers.UNKNOWN;
    }
    int known = numberOfRef[ref];
    return known != UNRESOLVED ? known : resolve(ref);
  }

  /** The stack of a number. */
  StackId stack(int number) {
    return stacks.get(number);
  }

  /** Who released the blocks of an entry. */
  FreedBy freedBy(Releasers releasers, int entry) {
    List<FreedBy.Releaser> all = new ArrayList<>();
    releasers.forEach(
        entry, (number, frees) -> all.add(new FreedBy.Releaser(stacks.get(number), frees)));
    return FreedBy.mostOf(all, releasers.others(entry));
  }

  private int resolve(int ref) {
    StackId id = batchStacks.get(ref);
    Integer known = numbers.putIfAbsent(id, stacks.size());
    int number = known == null ? stacks.size() : known;
    if (known == null) {
      stacks.add(id);
    }
    numberOfRef[ref] = number;
    return number;
  }

  void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    out.put(stacks.size());
    for (StackId id : stacks) {
      out.put(id.high());
      out.put(id.low());
    }
  }

  void restoreFrom(SnapshotIn in) {
    in.getVersion(SNAPSHOT_VERSION, "releasing stacks");
    int count = in.getCount();
    for (int number = 0; number < count; number++) {
      StackId id = new StackId(in.getLong(), in.getLong());
      if (numbers.putIfAbsent(id, number) == null) {
        stacks.add(id);
      }
    }
  }
}
