package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.query.TopicReader;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      String servers = broker.bootstrapServers();
      String first =
          run("replay", whole.toString(), "--format", "json", "--bootstrap-servers", servers);
      List<Long> once = stamps(servers);

      String again =
          run("replay", cut.toString(), "--format", "json", "--bootstrap-servers", servers);

      assertThat(again).isEqualTo(first);
      assertThat(stamps(servers)).as("nothing more was published").isEqualTo(once);
      assertThat(
              RecordingManifest.json(
                      run("sessions", "--format", "json", "--bootstrap-servers", servers))
                  .get("ended")
                  .asBoolean())
          .isTrue();

      run("replay", log.toString(), "--bootstrap-servers", servers);
      List<Long> imported = stamps(servers);
      run("replay", log.toString(), "--bootstrap-servers", servers);

      assertThat(imported).hasSize(once.size() + 2);
      assertThat(imported.stream().distinct()).as("one for each session").hasSize(2);
      assertThat(stamps(servers)).isEqualTo(imported);
    }
  }

  /** Times of the records of all sessions. */
  private static List<Long> stamps(String servers) {
    List<Long> stamps = new ArrayList<>();
    try (TopicReader reader =
        new TopicReader(Map.of("bootstrap.servers", servers), Topics.SESSIONS)) {
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
