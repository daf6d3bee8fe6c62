package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} and {@code explain} say of what nobody can judge. */
class UnjudgedTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NO_LOSS = -1;

  @TempDir Path directory;

  @Test
  void shouldSayThatNothingWasJudgedWhenNoProcessWasRecorded() throws IOException {
    Path file = directory.resolve("empty");
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(0));
    }

    CommandRun check = CommandRun.done("check", file.toString());

    assertThat(check.out()).isEmpty();
    assertThat(check.errLines())
        .containsExactly("unfreed: no process is in what was recorded: nothing was judged");
    assertThat(CommandRun.of("explain", file.toString()).err())
        .contains("nothing is called leaking");
  }

  @Test
  void shouldSayWhyWhenStacksWereSeenForTooShortATime() throws IOException {
    for (int seconds : new int[] {1, 3, 10}) {
      Path file = record("short" + seconds, seconds, 0, NO_LOSS);

      CommandRun check = CommandRun.done("check", file.toString());

      assertThat(check.out()).isEmpty();
      assertThat(check.errLines())
          .containsExactly(
              "unfreed: 1 of 1 stacks could not be judged: 1 seen for too short a time");
      assertThat(CommandRun.done("explain", file.toString(), "keep").out())
          .contains("undecided: seen for too short a time");
    }
  }

  @Test
  void shouldSayWhyWhenALossMayHoldTheFrees() throws IOException {
    Path file = record("lossy", 300, 0, 299);

    CommandRun check = CommandRun.done("check", file.toString());

    assertThat(check.out()).isEmpty();
    assertThat(check.err())
        .contains(
            "1 whose frees may be among lost events",
            "unfreed: events of 1 of 1 processes were lost: what they allocated was not judged");
    assertThat(CommandRun.done("explain", file.toString(), "keep").out())
        .contains("undecided: events were lost", "LOST: 5 events", "0 of its bytes are certain");
  }

  @Test
  void shouldSayThatBatchesAreMissing() throws IOException {
    Path file = directory.resolve("gap");
    StackDictionary dictionary = new StackDictionary();
    dictionary.number(StackId.UNKNOWN);
    EventBatchBuilder events = lane(dictionary, 0);
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(300));
      for (int batch = 0; batch < 3; batch++) {
        events.allocate(EventCodes.ALLOC_HEAP, batch * SECOND, 1, 0x1000 + 64 * batch, 8, 0);
        EncodedBatch encoded = events.encode();
        if (batch != 1) {
          capture.batch(encoded);
        }
      }
    }

    CommandRun check = CommandRun.done("check", file.toString());

    assertThat(check.err())
        .contains("unfreed: session unjudged: 1 events are missing between batches");
  }

  @Test
  void shouldJudgeWhatWasSeenAndSayTheRestWhenAProcessIsRecordedInPart() throws IOException {
    Path file = record("late", 300, 3 * SECOND, NO_LOSS);

    CommandRun check = CommandRun.of("check", file.toString());

    assertThat(check.exitCode()).isEqualTo(ExitCodes.CONDITION_MET);
    assertThat(check.out()).contains("(leaking 0.60)");
    assertThat(check.errLines())
        .containsExactly(
            "unfreed: 1 of 1 processes were recorded in part: what they did before was not judged");
  }

  /** A block stays in each second; the loss, of five events, ends at a moment. */
  private Path record(String name, int seconds, long fromNanos, long lossSecond)
      throws IOException {
    Path file = directory.resolve(name);
    StackDictionary dictionary = new StackDictionary();
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("ab01", 16)));
    dictionary.number(id);
    Frame keep =
        Frame.newBuilder().setSymbol("keep").setModule("/bin/tool").setAddress(16L).build();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(seconds));
      capture.stack(new CallStack(id.toHash(), Quality.LINES, List.of(keep)));
      EventBatchBuilder events = lane(dictionary, fromNanos);
      for (int i = 0; i < seconds; i++) {
        events.allocate(EventCodes.ALLOC_HEAP, i * SECOND, 1, 0x1000 + 0x100 * i, 100, 0);
        if (i == lossSecond) {
          events.lost(i * SECOND, 5, 0, i * SECOND);
        }
      }
      events.end(seconds * SECOND, 0, 0);
      capture.batch(events.encode());
    }
    return file;
  }

  private static EventBatchBuilder lane(StackDictionary dictionary, long fromNanos) {
    return new EventBatchBuilder(
        new EventBatchBuilder.Lane(new LaneKey("unjudged", "7-70", 0), 1, 5 * SECOND, false, true),
        new Process(7, 70L, "/bin/tool", fromNanos),
        dictionary);
  }

  private static Session session(int seconds) {
    return Session.newBuilder()
        .setSessionId("unjudged")
        .setSource(Source.SHIM)
        .setTickNanos(5 * SECOND)
        .setFreeStacks(true)
        .setEnd(new SessionEnd(seconds * SECOND, (long) seconds, (long) seconds, 0L, Map.of()))
        .build();
  }
}
