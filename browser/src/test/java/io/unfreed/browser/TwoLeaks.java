package io.unfreed.browser;

import io.unfreed.collector.capture.CaptureWriter;
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
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that goes on and has two leaks: {@code often} keeps a block each second, {@code seldom}
 * too, but only in each other half minute.
 */
final class TwoLeaks {
  private static final long SECOND = 1_000_000_000L;
  private static final int OFTEN = 0;
  private static final int SELDOM = 1;

  private TwoLeaks() {}

  /**
   * Writes it as of a moment.
   *
   * @param seconds it has run
   * @param seldomBytes of a block of {@code seldom}; those of {@code often} have 1,000
   */
  static void write(Path file, int seconds, long seldomBytes) throws IOException {
    StackDictionary dictionary = new StackDictionary();
    try (CaptureWriter capture = CaptureWriter.create(file, true)) {
      capture.session(
          Session.newBuilder()
              .setSessionId("two-leaks")
              .setSource(Source.SHIM)
              .setStartedEpochNanos(1_769_859_922_000_000_000L)
              .setTickNanos(5 * SECOND)
              .build());
      capture.stack(stack(dictionary, "often", 0x10));
      capture.stack(stack(dictionary, "seldom", 0x20));
      EventBatchBuilder events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey("two-leaks", "7-70", 0), 1, 5 * SECOND, false, false),
              new Process(7, 70L, "/bin/leaks", 0L),
              dictionary);
      for (int i = 0; i < seconds; i++) {
        long address = 0x1000L * (i + 1);
        events.allocate(EventCodes.ALLOC_HEAP, i * SECOND, 1, address, 1_000, OFTEN);
        if (i / 30 % 2 == 0) {
          events.allocate(EventCodes.ALLOC_HEAP, i * SECOND, 1, address << 16, seldomBytes, SELDOM);
        }
      }
      events.watermark(seconds * SECOND);
      capture.batch(events.encode());
    }
  }

  private static CallStack stack(StackDictionary dictionary, String function, long address) {
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("ab", address)));
    dictionary.number(id);
    Frame frame =
        Frame.newBuilder()
            .setSymbol(function)
            .setOffset(4L)
            .setModule("/bin/leaks")
            .setBuildId("ab")
            .setAddress(address)
            .setFile(null)
            .setLine(null)
            .build();
    return new CallStack(id.toHash(), Quality.SYMBOLS, List.of(frame));
  }
}
