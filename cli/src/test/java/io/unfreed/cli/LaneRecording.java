package io.unfreed.cli;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.EventBatch;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * A kernel session of several lanes made from a seed, as a capture: slab and page blocks over few
 * addresses with the stacks of their releases, quiet stretches of several ticks, losses, lanes that
 * end at different moments, stay open, or of which nothing came.
 */
final class LaneRecording {
  static final long TICK_NANOS = 1_000_000_000L;

  private static final long STARTED_EPOCH_NANOS = 1_769_859_922_000_000_000L;
  private static final int LANES = 3;
  private static final int STACKS = 6;
  private static final int ADDRESSES = 64;
  private static final int BATCHES = 12;
  private static final int EVENTS_PER_BATCH = 40;

  /** How the lanes of a recording end. */
  enum Ends {
    /** Each with its last event. */
    ALL_CLOSED,
    /** The last lane has no end. */
    ONE_OPEN,
    /** Nothing came of the first lane. */
    ONE_SILENT,
    /** The session has its end, but the last batch of the last lane is missing. */
    ONE_CUT,
    /** The session has its end, but some batches of the last lane make no sense, its last too. */
    ONE_DAMAGED
  }

  private LaneRecording() {}

  /** Writes the recording; its session id is its name. */
  static void write(Path file, String session, long seed, Ends ends) throws IOException {
    Random random = new Random(seed);
    StackDictionary dictionary = new StackDictionary();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(session, null));
      for (CallStack stack : stacks(dictionary)) {
        capture.stack(stack);
      }
      List<Lane> lanes = new ArrayList<>();
      for (int lane = ends == Ends.ONE_SILENT ? 1 : 0; lane < LANES; lane++) {
        lanes.add(new Lane(session, lane, dictionary));
      }
      for (int i = 0; i < BATCHES * lanes.size(); i++) {
        Lane lane = lanes.get(random.nextInt(lanes.size()));
        lane.addEvents(random);
        EncodedBatch batch = lane.builder.encode();
        boolean isDamaged = ends == Ends.ONE_DAMAGED && lane == lanes.getLast() && i % 4 == 0;
        capture.batch(isDamaged ? damaged(batch) : batch);
      }
      if (ends == Ends.ONE_CUT) {
        lanes.getLast().addEvents(random);
      }
      for (Lane lane : lanes) {
        boolean open = ends == Ends.ONE_OPEN || ends == Ends.ONE_CUT;
        if (!open || lane != lanes.getLast()) {
          lane.builder.end(lane.now + random.nextLong(2 * TICK_NANOS), 0, 0);
          EncodedBatch last = lane.builder.encode();
          boolean isDamaged = ends == Ends.ONE_DAMAGED && lane == lanes.getLast();
          capture.batch(isDamaged ? damaged(last) : last);
        }
      }
      if (ends == Ends.ALL_CLOSED) {
        long end = lanes.stream().mapToLong(lane -> lane.now).max().getAsLong();
        capture.session(session(session, new SessionEnd(end, 0L, 0L, 0L, Map.of())));
      }
      if (ends == Ends.ONE_CUT || ends == Ends.ONE_DAMAGED) {
        long end = lanes.stream().mapToLong(lane -> lane.now).max().getAsLong();
        long calls = lanes.stream().mapToLong(lane -> lane.calls).sum();
        capture.session(session(session, new SessionEnd(end, calls, calls, 0L, Map.of())));
      }
    }
  }

  /** Whole by its lengths, but of one number less than its events need. */
  private static EncodedBatch damaged(EncodedBatch batch) throws IOException {
    EventBatch record =
        new SpecificDatumReader<EventBatch>(EventBatch.getClassSchema())
            .read(null, DecoderFactory.get().binaryDecoder(batch.body(), null));
    record.getValues().removeLast();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<EventBatch>(EventBatch.getClassSchema()).write(record, encoder);
    encoder.flush();
    return new EncodedBatch(batch.key(), batch.sequence(), batch.eventCount(), bytes.toByteArray());
  }

  private static Session session(String id, SessionEnd end) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setHost("host")
        .setStartedEpochNanos(STARTED_EPOCH_NANOS)
        .setTickNanos(TICK_NANOS)
        .setFreeStacks(true)
        .setEnd(end)
        .build();
  }

  private static List<CallStack> stacks(StackDictionary dictionary) {
    List<CallStack> stacks = new ArrayList<>();
    for (int i = 0; i < STACKS; i++) {
      StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("kernel", i)));
      dictionary.number(id);
      Frame frame = Frame.newBuilder().setModule("kernel").setAddress((long) i).build();
      stacks.add(new CallStack(id.toHash(), Quality.ADDRESSES, List.of(frame)));
    }
    return stacks;
  }

  /** One lane as it is written. */
  private static final class Lane {
    private final EventBatchBuilder builder;
    private long now;
    private long calls;

    Lane(String session, int lane, StackDictionary dictionary) {
      builder =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey(session, "0", lane), LANES, TICK_NANOS, false, true),
              new Process(0, null, "kernel", null),
              dictionary);
    }

    void addEvents(Random random) {
      for (int i = 0; i < EVENTS_PER_BATCH; i++) {
        boolean quiet = random.nextInt(100) == 0;
        now += quiet ? random.nextLong(4 * TICK_NANOS) : random.nextLong(TICK_NANOS / 50);
        addEvent(random);
      }
    }

    private void addEvent(Random random) {
      int space = 2 * random.nextInt(2);
      long address = 0x1000 + 64L * random.nextInt(ADDRESSES);
      int thread = 1 + random.nextInt(3);
      int dice = random.nextInt(100);
      calls += dice < 1 ? 0 : 1;
      if (dice < 1) {
        builder.lost(now, 3, Math.max(0, now - TICK_NANOS / 3), now);
      } else if (dice < 55) {
        long size = 1L << random.nextInt(14);
        int stack = random.nextInt(STACKS);
        builder.allocate(EventCodes.ALLOC_SLAB + space, now, thread, address, size, stack);
      } else {
        int stack = dice < 60 ? EventCursor.NO_STACK : random.nextInt(STACKS);
        builder.release(EventCodes.FREE_SLAB + space, now, thread, address, stack);
      }
    }
  }
}
