package io.unfreed.cli;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
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
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A process whose blocks are easily counted: in each second from 0 to 9 a block of 100 bytes is
 * allocated by {@code keep} and one of 10 bytes by {@code lend}, which {@code give_back} frees two
 * seconds later. Marks {@code first} at 3 s and {@code second} at 6 s.
 */
final class MarkedRecording {
  static final long SECOND = 1_000_000_000L;

  private static final long STARTED_EPOCH_NANOS = 1_769_859_922_000_000_000L;
  private static final int KEEP = 0;
  private static final int LEND = 1;
  private static final int GIVE_BACK = 2;

  private MarkedRecording() {}

  /**
   * Writes it.
   *
   * @param buildId of the program, whose addresses differ by build
   * @param keptBytes what {@code keep} allocates
   */
  static void write(Path file, String session, String buildId, long keptBytes) throws IOException {
    StackDictionary dictionary = new StackDictionary();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId(session)
              .setSource(Source.EBPF)
              .setStartedEpochNanos(STARTED_EPOCH_NANOS)
              .setTickNanos(5 * SECOND)
              .setFreeStacks(true)
              .setEnd(new SessionEnd(10 * SECOND, 30L, 30L, 0L, Map.of()))
              .build());
      for (CallStack stack : stacks(dictionary, buildId)) {
        capture.stack(stack);
      }
      EventBatchBuilder events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey(session, "7-70", 0), 1, 5 * SECOND, false, true),
              new Process(7, 70L, "/bin/marked", 0L),
              dictionary);
      for (int i = 0; i < 10; i++) {
        second(events, i, keptBytes);
      }
      events.end(10 * SECOND, 0, 0);
      capture.batch(events.encode());
    }
  }

  private static void second(EventBatchBuilder events, int i, long keptBytes) {
    long at = i * SECOND;
    if (i == 3 || i == 6) {
      events.labelled(EventCodes.MARK, at, 1, i == 3 ? "first" : "second");
    }
    events.allocate(EventCodes.ALLOC_HEAP, at, 1, 0x1000 + 0x100 * i, keptBytes, KEEP);
    events.allocate(EventCodes.ALLOC_HEAP, at, 2, 0x9000 + 0x100 * i, 10, LEND);
    if (i >= 2) {
      events.release(EventCodes.FREE_HEAP, at, 2, 0x9000 + 0x100 * (i - 2), GIVE_BACK);
    }
  }

  private static List<CallStack> stacks(StackDictionary dictionary, String buildId) {
    List<CallStack> stacks = new ArrayList<>();
    String[] names = {"keep", "lend", "give_back"};
    long build = buildId.hashCode() & 0xFFFF;
    for (int i = 0; i < names.length; i++) {
      List<Frame> frames =
          List.of(
              frame(names[i], buildId, build + 16L * i, names[i] + ".c"),
              frame("main", buildId, build + 0x1000, "main.c"));
      StackId id =
          new StackHasher()
              .hash(
                  List.of(
                      new FrameKey.InModule(buildId, frames.get(0).getAddress()),
                      new FrameKey.InModule(buildId, frames.get(1).getAddress())));
      dictionary.number(id);
      stacks.add(new CallStack(id.toHash(), Quality.LINES, frames));
    }
    return stacks;
  }

  private static Frame frame(String symbol, String buildId, long address, String file) {
    return Frame.newBuilder()
        .setSymbol(symbol)
        .setOffset(4L)
        .setModule("/builds/" + buildId + "/marked")
        .setBuildId(buildId)
        .setAddress(address)
        .setFile(file)
        .setLine(12)
        .build();
  }
}
