package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code report} with windows and groups, on a recording whose blocks can be counted by hand. */
class ChosenBlocksTest {
  @TempDir Path directory;

  private Path file;

  @BeforeEach
  void record() throws IOException {
    file = directory.resolve("marked");
    MarkedRecording.write(file, "marked", "ab01", 100);
  }

  @Test
  void shouldCountBlocksBornInTheWindowWhenItIsHalfOpen() {
    JsonNode report = ask("--born +3s..+6s");

    assertThat(report.at("/selected/outstandingBytes").asLong()).isEqualTo(300);
    assertThat(report.at("/selected/allocations").asLong()).isEqualTo(6);
    assertThat(report.at("/selected/frees").asLong()).isEqualTo(3);
    assertThat(report.at("/selected/stacks").asInt()).isEqualTo(1);
    assertThat(report.at("/stacks/0/frames/0/symbol").asText()).isEqualTo("keep");
    assertThat(report.at("/totals/outstandingBytes").asLong()).isEqualTo(10 * 100 + 2 * 10);
  }

  @Test
  void shouldAnswerAsOfTheMomentWhenOneIsAsked() {
    JsonNode report = ask("--born +3s..+6s --at +5s");

    assertThat(report.at("/selected/outstandingBytes").asLong()).isEqualTo(300 + 20);
    assertThat(report.at("/totals/outstandingBytes").asLong()).isEqualTo(600 + 20);
    assertThat(report.at("/at/final").asBoolean()).isFalse();
  }

  @Test
  void shouldTakeMarksForMomentsWhenTheyAreNamed() {
    assertThat(ask("--born first..second").get("stacks"))
        .isEqualTo(ask("--born +3s..+6s").get("stacks"));
    assertThat(ask("--born 2026-01-31T11:45:25Z..second").get("stacks"))
        .isEqualTo(ask("--born +3s..+6s").get("stacks"));
    assertThat(ask("--at second").get("totals")).isEqualTo(ask("--at +6s").get("totals"));

    assertThat(ask("").at("/marks/0/label").asText()).isEqualTo("first");
    assertThat(ask("").at("/marks/1/sinceStartNanos").asLong())
        .isEqualTo(6 * MarkedRecording.SECOND);
    assertThat(ask("--at +4s").get("marks")).hasSize(1);
    assertThat(CommandRun.of("report", file.toString()).out()).contains("mark +6.000s: second");
  }

  @Test
  void shouldTellWhoFreedWhenGroupedByFreeStack() {
    JsonNode report = ask("--group-by free-stack --freed +4s..+6s");

    assertThat(report.get("groups")).hasSize(1);
    assertThat(report.at("/groups/0/freedBytes").asLong()).isEqualTo(20);
    assertThat(report.at("/groups/0/freedCount").asLong()).isEqualTo(2);
    assertThat(report.at("/groups/0/frames/0/symbol").asText()).isEqualTo("give_back");
    assertThat(report.at("/groups/0/outstandingBytes").isNull()).isTrue();
    assertThat(ask("--group-by free-stack").at("/selected/freedCount").asLong()).isEqualTo(8);
  }

  @Test
  void shouldGroupByAnythingWhenAsked() {
    assertThat(groups("function", "function")).containsExactly("keep 1000", "lend 20");
    assertThat(groups("caller:1", "function")).containsExactly("main 1020");
    assertThat(groups("caller:9", "function")).containsExactly("main 1020");
    assertThat(groups("file", "file")).containsExactly("keep.c 1000", "lend.c 20");
    assertThat(groups("module", "module")).containsExactly("/builds/ab01/marked 1020");
    assertThat(groups("thread", "tid")).containsExactly("1 1000", "2 20");
    assertThat(groups("size", "sizeBytes")).containsExactly("100 1000", "10 20");
    assertThat(groups("space", "space")).containsExactly("heap 1020");
    assertThat(groups("process", "tgid")).containsExactly("7 1020");
  }

  @Test
  void shouldKeepStacksWithTheNamesWhenPatternsAreGiven() {
    assertThat(ask("--function ^le*d$").at("/selected/outstandingBytes").asLong()).isEqualTo(20);
    assertThat(ask("--function ee").at("/selected/outstandingBytes").asLong()).isEqualTo(1000);
    assertThat(ask("--function main --module mark").at("/selected/allocations").asLong())
        .isEqualTo(20);
    assertThat(ask("--module libc").get("stacks")).isEmpty();
  }

  @Test
  void shouldRefuseWhenAWindowMakesNoSense() {
    fails("--born +3s", "A..B");
    fails("--born +6s..+3s", "ends before");
    fails("--born third..", "no mark");
    fails("--group-by colour", "caller:N");
    fails("--born ..+3s --interval 1s", "--interval");
    fails("--group-by size --sort count", "--sort count goes with none of");
    fails("--function f --limit 1g", "--limit goes with none of");
    assertThat(CommandRun.of("report", perl(), "--group-by", "free-stack").err())
        .contains("--free-stacks");
  }

  @Test
  @Tag("broker")
  void shouldSayTheSameWhenAskedOfTheBroker() throws Exception {
    List<Path> files = new ArrayList<>(List.of(file));
    for (LaneRecording.Ends ends : LaneRecording.Ends.values()) {
      Path lanes = directory.resolve("lanes-" + ends);
      LaneRecording.write(lanes, "lanes-" + ends, 815, ends);
      files.add(lanes);
    }
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      for (Path each : files) {
        CommandRun.done(access.with("replay", each.toString()));
      }
      for (Path each : files) {
        for (String question :
            List.of(
                "--born +3s..+6s --top 0",
                "--freed +1s.. --older 500ms --group-by free-stack --top 0",
                "--born ..+5s --at +7s --group-by thread --min-size 16",
                "--group-by size --top 3")) {
          List<String> options = new ArrayList<>(Arrays.asList(question.split(" ", -1)));
          options.addAll(List.of("--format", "json"));
          String session = each.getFileName().toString();
          String direct = CommandRun.done(options, "report", each.toString()).out();
          String asked =
              CommandRun.done(options, access.with("report", "--session", session)).out();
          assertThat(asked).as(session + " " + question).isEqualTo(direct).isNotEmpty();
        }
      }
    }
  }

  private List<String> groups(String groupBy, String field) {
    List<String> groups = new ArrayList<>();
    for (JsonNode group : ask("--group-by " + groupBy).get("groups")) {
      groups.add(group.get(field).asText() + " " + group.get("outstandingBytes").asLong());
    }
    return groups;
  }

  private JsonNode ask(String options) {
    List<String> all = new ArrayList<>(List.of("report", file.toString(), "--format", "json"));
    Arrays.stream(options.split(" ", -1)).filter(o -> !o.isEmpty()).forEach(all::add);
    return RecordingManifest.json(CommandRun.done(all.toArray(String[]::new)).out());
  }

  private void fails(String options, String word) {
    CommandRun run =
        CommandRun.of(with(List.of(options.split(" ", -1)), "report", file.toString()));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(word);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.out()).isEmpty();
  }

  private static String perl() {
    return RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toString();
  }

  private static String[] with(List<String> options, String... first) {
    List<String> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(options);
    return all.toArray(String[]::new);
  }
}
