package io.unfreed.collector.capture;

import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.GeneratedClasses;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A small recording: one stack, {@code batches} batches of four events, then the end. */
final class Samples {
  static final StackId STACK = new StackId(0x0123456789abcdefL, 42);

  private Samples() {}

  static Session session() {
    GeneratedClasses.trust();
    return Session.newBuilder()
        .setSessionId("sample")
        .setSource(Source.EBPF)
        .setCommand("./sample")
        .setRecordFilters(Map.of("--min-size", "16"))
        .build();
  }

  static Session ended() {
    Session session = session();
    session.setEnd(new SessionEnd(7L, 9L, 9L, 0L, Map.of()));
    return session;
  }

  static CallStack stack() {
    Frame frame = Frame.newBuilder().setModule("/usr/bin/sample").setAddress(0x1139L).build();
    return new CallStack(STACK.toHash(), Quality.ADDRESSES, List.of(frame));
  }

  static List<EncodedBatch> batches(int count) {
    StackDictionary stacks = new StackDictionary();
    int number = stacks.number(STACK);
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey("sample", "1-2", 0), 1, 5_000_000_000L, false),
            new Process(1, 2L, "./sample", null),
            stacks);
    List<EncodedBatch> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < 2; k++) {
        long address = 0x5550_0000L + 64L * (i * 31 + k);
        builder.allocate(EventCodes.ALLOC_HEAP, 100L * i + k, 7 + k, address, 48 + k, number);
        builder.release(EventCodes.FREE_HEAP, 100L * i + k + 5, 7, address);
      }
      batches.add(builder.encode());
    }
    return batches;
  }

  /** Gives the recording to a sink, flushing behind every batch when blocks should be many. */
  static void write(RecordingSink sink, int batchCount, boolean manyBlocks) throws IOException {
    sink.session(session());
    sink.stack(stack());
    for (EncodedBatch batch : batches(batchCount)) {
      if (manyBlocks) {
        sink.flush();
      }
      sink.batch(batch);
    }
    sink.session(ended());
  }
}
