package io.unfreed.benchmarks.silence;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;

/** A process that allocates some blocks, and then only says at every tick that it is there. */
final class IdleLane {
  private static final int BLOCKS = 100;

  private final EventBatchBuilder builder;

  IdleLane(String session, int tgid, long tickNanos, StackDictionary stacks) {
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey(session, tgid + "-1", 0), 1, tickNanos, false),
            new Process(tgid, 1L, "idle", null),
            stacks);
    for (int i = 0; i < BLOCKS; i++) {
      builder.allocate(EventCodes.ALLOC_HEAP, i, 1, 64L * (i + 1), 48, i % stacks.size());
    }
  }

  /** What a live recording sends when time has come to this moment. */
  void pass(long sessionNanos, RecordingSink sink) throws IOException {
    builder.watermark(sessionNanos);
    sink.batch(builder.encode());
  }
}
