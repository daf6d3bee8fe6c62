package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recordings of several lanes: {@code report FILE}, {@code replay} and {@code report} from the
 * broker print the same lines, whatever is asked. Each question is asked of one kind of recording,
 * of the next kind in the next round; {@code -Dunfreed.lanes=N} for more rounds.
 */
@Tag("broker")
class SeveralLanesTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.lanes", 1);
  private static final long SEED = Long.getLong("unfreed.seed", 7);

  private static final List<String> QUESTIONS =
      List.of(
          "",
          "--top 2",
          "--interval 1s",
          "--interval 1s --top 1",
          "--interval 700ms",
          "--at +4s",
          "--at 2026-01-31T11:45:25.5Z",
          "--older 2s",
          "--min-size 64",
          "--min-size 64 --max-size 1k",
          "--max-size 16 --older 500ms --top 3",
          "--at +3s --older 1s --min-size 32 --interval 2s",
          "--format text --interval 1s --max-size 256");

  @TempDir Path directory;

  @Test
  void shouldPrintTheSameWhenAskedOfTheFileTheReplayAndTheBroker() throws Exception {
    System.out.println("several lanes: -Dunfreed.seed=" + SEED + " -Dunfreed.lanes=" + ROUNDS);
    Random random = new Random(SEED);
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (ServiceProcess service = new ServiceProcess(access, directory.resolve("state"))) {
        for (int round = 0; round < ROUNDS; round++) {
          LaneRecording.Ends[] kinds = LaneRecording.Ends.values();
          for (int kind = 0; kind < kinds.length; kind++) {
            String session = "lanes-" + round + "-" + kinds[kind];
            Path file = directory.resolve(session);
            LaneRecording.write(file, session, random.nextLong(), kinds[kind]);
            for (int i = (kind + round) % kinds.length; i < QUESTIONS.size(); i += kinds.length) {
              compare(file, access, session, QUESTIONS.get(i));
            }
          }
        }
        assertThat(service.isAlive()).isTrue();
      }
    }
  }

  @Test
  void shouldNotFilterTheTotalsWhenStacksAreFiltered() throws Exception {
    Path file = directory.resolve("closed");
    LaneRecording.write(file, "closed", SEED, LaneRecording.Ends.ALL_CLOSED);
    String whole = run("report", file.toString()).out();
    String filtered = run("report", file.toString(), "--min-size", "1g").out();

    assertThat(RecordingManifest.json(filtered).get("stacks")).isEmpty();
    assertThat(RecordingManifest.json(whole).get("stacks")).isNotEmpty();
    assertThat(RecordingManifest.json(filtered).get("totals"))
        .isEqualTo(RecordingManifest.json(whole).get("totals"));
  }

  private static void compare(Path file, BrokerAccess access, String session, String question) {
    String what = session + " " + question;
    String[] options = question.isEmpty() ? new String[0] : question.split(" ", -1);
    CommandRun direct = run("report", with(options, file.toString()));
    CommandRun replayed = run("replay", with(options, access.with(file.toString())));
    CommandRun asked = run("report", with(options, access.with("--session", session)));

    assertThat(direct.outLines()).as(what).isNotEmpty();
    assertThat(replayed.out()).as(what).isEqualTo(direct.out());
    assertThat(asked.out()).as(what).isEqualTo(direct.out());
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(more));
    all.addAll(Arrays.asList(options));
    return all.toArray(String[]::new);
  }

  private static CommandRun run(String command, String... options) {
    List<String> all = new ArrayList<>(List.of(command));
    if (!Arrays.asList(options).contains("text")) {
      all.addAll(List.of("--format", "json"));
    }
    all.addAll(Arrays.asList(options));
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
