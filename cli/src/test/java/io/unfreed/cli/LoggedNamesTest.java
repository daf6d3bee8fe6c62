package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that somebody else chose, in what the topology logs. */
@Tag("broker")
class LoggedNamesTest {
  private static final long TICK_NANOS = 1_000_000_000L;
  private static final String SESSION = "s\nunfreed: forged\u001b[2J";

  @TempDir Path directory;

  @Test
  void shouldLogALaneInOneLineWhenItsSessionHoldsControlCharacters() throws Exception {
    Path file = directory.resolve("capture");
    write(file);

    CommandRun run = CommandRun.of("replay", file.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("lane s\\nunfreed: forged\\x1b[2J/0/0: 1 sizes were cut")
        .doesNotContain("\u001b");
    assertThat(run.errLines()).noneMatch(line -> line.startsWith("unfreed: forged"));
  }

  /** A session with one block of an absurd size. */
  private static void write(Path file) throws IOException {
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId(SESSION)
              .setSource(Source.EBPF)
              .setHost("host")
              .setStartedEpochNanos(1_769_859_922_000_000_000L)
              .setTickNanos(TICK_NANOS)
              .build());
      StackDictionary dictionary = new StackDictionary();
      StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("kernel", 1)));
      int stack = dictionary.number(id);
      Frame frame = Frame.newBuilder().setModule("kernel").setAddress(1L).build();
      capture.stack(new CallStack(id.toHash(), Quality.ADDRESSES, List.of(frame)));
      EventBatchBuilder lane =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(new LaneKey(SESSION, "0", 0), 1, TICK_NANOS, false, false),
              new Process(7, null, "command", null),
              dictionary);
      lane.allocate(EventCodes.ALLOC_SLAB, 1, 1, 0x1000, Long.MAX_VALUE, stack);
      lane.end(2, 0, 0);
      capture.batch(lane.encode());
    }
  }
}
