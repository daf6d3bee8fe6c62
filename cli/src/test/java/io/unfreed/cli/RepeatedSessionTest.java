package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.query.TopicReader;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What repeated replays leave in the topic of sessions. */
@Tag("broker")
class RepeatedSessionTest {
  @TempDir Path directory;

  @Test
  void shouldStayEndedWhenACutFileIsReplayedAfterTheWhole() throws Exception {
    Path whole = directory.resolve("whole");
    LaneRecording.write(whole, "repeated", 7, LaneRecording.Ends.ALL_CLOSED);
    Path cut = directory.resolve("cut");
    LaneRecording.write(cut, "repeated", 7, LaneRecording.Ends.ONE_OPEN);
    Path log = RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst");
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      String first = run(access.with("replay", whole.toString(), "--format", "json"));
      List<Long> once = stamps(access);

      String again = run(access.with("replay", cut.toString(), "--format", "json"));

      assertThat(again).isEqualTo(first);
      assertThat(stamps(access)).as("nothing more was published").isEqualTo(once);
      assertThat(
              RecordingManifest.json(run(access.with("sessions", "--format", "json")))
                  .get("ended")
                  .asBoolean())
          .isTrue();

      run(access.with("replay", log.toString()));
      List<Long> imported = stamps(access);
      run(access.with("replay", log.toString()));

      assertThat(imported).hasSize(once.size() + 2);
      assertThat(imported.stream().distinct()).as("one for each session").hasSize(2);
      assertThat(stamps(access)).isEqualTo(imported);
    }
  }

  /** Times of the records of all sessions. */
  private static List<Long> stamps(BrokerAccess access) {
    List<Long> stamps = new ArrayList<>();
    try (TopicReader reader = new TopicReader(access.client(), Topics.SESSIONS)) {
      reader.readToEnd(record -> stamps.add(record.timestamp()));
    }
    return stamps.stream().sorted().toList();
  }

  private static String run(String... command) throws IOException {
    CommandRun run = CommandRun.of(command);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }
}
