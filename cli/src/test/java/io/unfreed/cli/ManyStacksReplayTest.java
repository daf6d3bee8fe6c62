package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More stacks than a published report lists: the sums are those of all of them, on every path. */
@Tag("broker")
class ManyStacksReplayTest {
  private static final long TICK = 1_000_000_000L;
  private static final int STACKS = 1500;

  /** At the end so few are left that nothing is cut; the tick before it is cut. */
  private static final int LEFT = 700;

  @TempDir Path directory;

  @Test
  void shouldPrintTheSameWhenThePublishedListIsCut() throws Exception {
    String held = recording("held", STACKS);
    String freed = recording("freed", LEFT);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      for (String question : List.of("", "--format json", "--format json --top 0")) {
        compare(held, access, question);
      }
      compare(freed, access, "--format json --interval 1s --top 0");
    }
    CommandRun text = CommandRun.of("report", held);
    assertThat(text.out()).contains("from " + STACKS + " stacks").doesNotContain("selected:");
  }

  private static void compare(String file, BrokerAccess access, String question) {
    List<String> options = question.isEmpty() ? List.of() : List.of(question.split(" ", -1));
    CommandRun direct = run("report", file, options);
    List<String> replay = new ArrayList<>(access.options());
    replay.addAll(options);

    assertThat(run("replay", file, replay).out()).as(question).isEqualTo(direct.out());
  }

  private static CommandRun run(String command, String file, List<String> options) {
    List<String> arguments = new ArrayList<>(List.of(command, file));
    arguments.addAll(options);
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.outLines()).isNotEmpty();
    return run;
  }

  /** A block of each stack, all of them held over a tick, {@code left} of them to the end. */
  private String recording(String id, int left) throws IOException {
    Path file = directory.resolve(id + ".capture");
    StackDictionary dictionary = new StackDictionary();
    EventBatchBuilder builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey(id, "1-1", 0), 1, TICK, false),
            new Process(1, 1L, "tool", null),
            dictionary);
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder().setSessionId(id).setSource(Source.EBPF).setTickNanos(TICK).build());
      for (int i = 0; i < STACKS; i++) {
        StackId stack = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/tool", i)));
        Frame frame = Frame.newBuilder().setModule("/bin/tool").setAddress((long) i).build();
        capture.stack(new CallStack(stack.toHash(), Quality.ADDRESSES, List.of(frame)));
        builder.allocate(EventCodes.ALLOC_HEAP, i, 1, address(i), 1 + i, dictionary.number(stack));
      }
      for (int i = left; i < STACKS; i++) {
        builder.release(EventCodes.FREE_HEAP, TICK + i, 1, address(i));
      }
      builder.plain(EventCodes.EXIT, 2 * TICK, 1);
      capture.batch(builder.encode());
    }
    return file.toString();
  }

  private static long address(int i) {
    return 0x1000 + 0x1000L * i;
  }
}
