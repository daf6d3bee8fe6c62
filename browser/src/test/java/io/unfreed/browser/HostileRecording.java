package io.unfreed.browser;

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
import java.util.List;
import java.util.Map;

/**
 * A program whose command line, functions, files and marks are written to run in a browser, or to
 * turn around what stands beside them.
 */
final class HostileRecording {
  static final String COMMAND =
      "/bin/x <img src=x onerror=alert(1)> </script><script>alert(2)</script>";

  /** Written from right to left from here on, and what clears a terminal. */
  static final String CONTROLS = "\u202egpj.exe\u001b[2J";

  static final String SHOWN_CONTROLS = "\\u202egpj.exe\\u001b[2J";
  static final String SYMBOL = "<img src=x onerror=alert(3)></script><b onclick=alert(4)>";

  private static final long SECOND = 1_000_000_000L;

  private HostileRecording() {}

  static void write(Path file) throws IOException {
    StackDictionary dictionary = new StackDictionary();
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("ab", 0x10L)));
    dictionary.number(id);
    Frame frame =
        Frame.newBuilder()
            .setSymbol(SYMBOL + CONTROLS)
            .setOffset(4L)
            .setModule("/lib/<svg onload=alert(5)>.so")
            .setBuildId("ab")
            .setAddress(0x10L)
            .setFile("\"><script>alert(6)</script>.c")
            .setLine(1)
            .build();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId("hostile")
              .setSource(Source.EBPF)
              .setCommand(COMMAND + CONTROLS)
              .setHost("<script>alert(7)</script>")
              .setStartedEpochNanos(1_769_859_922_000_000_000L)
              .setTickNanos(5 * SECOND)
              .setEnd(new SessionEnd(10 * SECOND, 12L, 12L, 0L, Map.of()))
              .build());
      capture.stack(new CallStack(id.toHash(), Quality.LINES, List.of(frame)));
      EventBatchBuilder events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey("hostile", "7-70", 0), 1, 5 * SECOND, false, true),
              new Process(7, 70L, COMMAND + CONTROLS, 0L),
              dictionary);
      events.labelled(EventCodes.MARK, SECOND, 1, "<img src=x onerror=alert(8)>");
      for (int i = 0; i < 10; i++) {
        events.allocate(EventCodes.ALLOC_HEAP, i * SECOND, 1, 0x1000 + 0x100 * i, 100, 0);
      }
      events.end(10 * SECOND, 0, 0);
      capture.batch(events.encode());
    }
  }
}
