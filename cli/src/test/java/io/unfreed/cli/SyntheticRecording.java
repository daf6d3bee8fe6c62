package io.unfreed.cli;

import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A recording made from a seed: several processes, random allocations and frees with their stacks
 * and with addresses used again and again, a tick every so often, an end.
 */
final class SyntheticRecording {
  static final String SESSION = "synthetic";
  static final long TICK_NANOS = 1_000_000;

  private static final int STACKS = 20;
  private static final int ADDRESSES = 4096;
  private static final int EVENTS_PER_BATCH = 500;

  final Session session;
  final List<CallStack> stacks = new ArrayList<>();
  final List<EncodedBatch> batches = new ArrayList<>();

  SyntheticRecording(long seed, int processes, int batchesPerProcess) {
    Random random = new Random(seed);
    StackDictionary dictionary = new StackDictionary();
    for (int i = 0; i < STACKS; i++) {
      StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/synthetic", i)));
      dictionary.number(id);
      Frame frame = Frame.newBuilder().setModule("/bin/synthetic").setAddress((long) i).build();
      stacks.add(new CallStack(id.toHash(), Quality.ADDRESSES, List.of(frame)));
    }
    List<EventBatchBuilder> builders = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      builders.add(builder(i, dictionary));
    }
    long now = 0;
    for (int b = 0; b < batchesPerProcess; b++) {
      for (EventBatchBuilder builder : builders) {
        for (int e = 0; e < EVENTS_PER_BATCH; e++) {
          now += random.nextInt(200);
          event(builder, random, now);
        }
        batches.add(builder.encode());
      }
    }
    for (EventBatchBuilder builder : builders) {
      builder.end(now + 1, 0, 0);
      batches.add(builder.encode());
    }
    session =
        Session.newBuilder()
            .setSessionId(SESSION)
            .setSource(Source.EBPF)
            .setTickNanos(TICK_NANOS)
            .setFreeStacks(true)
            .build();
  }

  private static EventBatchBuilder builder(int process, StackDictionary dictionary) {
    return new EventBatchBuilder(
        new EventBatchBuilder.Lane(
            new LaneKey(SESSION, (100 + process) + "-1", 0), 1, TICK_NANOS, false, true),
        new Process(100 + process, 1L, "synthetic " + process, null),
        dictionary);
  }

  private static void event(EventBatchBuilder builder, Random random, long now) {
    long address = 0x1000 + 16L * random.nextInt(ADDRESSES);
    int thread = 1 + random.nextInt(3);
    if (random.nextInt(100) < 52) {
      builder.allocate(
          EventCodes.ALLOC_HEAP,
          now,
          thread,
          address,
          1 + random.nextInt(1000),
          random.nextInt(STACKS));
    } else {
      builder.release(EventCodes.FREE_HEAP, now, thread, address, random.nextInt(STACKS));
    }
  }
}
