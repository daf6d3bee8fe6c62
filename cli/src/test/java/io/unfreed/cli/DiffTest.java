package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

/** {@code diff}: what its entries say is the difference of two reports. */
class DiffTest {
  @TempDir Path directory;

  private String first;
  private String same;
  private String rebuilt;

  @BeforeEach
  void record() throws IOException {
    first = write("first", "ab01", 100);
    same = write("same", "ab01", 100);
    rebuilt = write("rebuilt", "cd02", 130);
  }

  @Test
  void shouldTellWhatGrewWhenTwoMomentsAreCompared() {
    JsonNode diff = diff(first, "--at", "first..+8s");

    // Outstanding at 3 s: 4 of keep, 2 of lend; at 8 s: 9 of keep, 2 of lend.
    assertThat(diff.get("entries")).hasSize(1);
    assertThat(diff.at("/entries/0/change").asText()).isEqualTo("grew");
    assertThat(diff.at("/entries/0/bytes").asLong()).isEqualTo(500);
    assertThat(diff.at("/entries/0/count").asLong()).isEqualTo(5);
    assertThat(diff.at("/entries/0/frames/0/symbol").asText()).isEqualTo("keep");
    assertThat(diff.at("/before/bytes").asLong()).isEqualTo(420);
    assertThat(diff.at("/after/bytes").asLong()).isEqualTo(920);
    assertThat(diff.at("/change/bytes").asLong()).isEqualTo(500);
  }

  @Test
  void shouldCompareRecordingsWithoutTimes() {
    String mtrace = RecordingManifest.REPLAY_DATA.resolve("jq.mtrace.zst").toString();
    JsonNode diff = diff(first, mtrace);

    assertThat(diff.at("/before/at/sinceStartNanos").isNull()).isFalse();
    assertThat(diff.at("/after/at/sinceStartNanos").isNull()).isTrue();
    assertThat(changes(diff(mtrace, mtrace))).isEmpty();
    assertThat(CommandRun.done("diff", mtrace, mtrace).out()).contains("+0 bytes");
  }

  @Test
  void shouldTellNewAndGoneWhenGroupsComeAndGo() {
    JsonNode diff = diff(first, "--at", "+0s..+8s", "--born", "+0s..+1s");
    assertThat(changes(diff)).containsExactly("gone lend -10");

    JsonNode back = diff(first, "--at", "+8s..+0s", "--born", "+0s..+1s");
    assertThat(changes(back)).containsExactly("new lend 10");

    assertThat(changes(diff(first, "--at", "+8s..+3s", "--function", "keep")))
        .containsExactly("shrank keep -500");
  }

  @Test
  void shouldMatchStacksByFunctionsWhenBuildsDiffer() {
    JsonNode diff = diff(first, rebuilt);

    assertThat(changes(diff)).containsExactly("grew keep 300");
    assertThat(diff.at("/entries/0/count").asLong()).isZero();
    assertThat(diff.at("/entries/0/frames/0/buildId").asText()).isEqualTo("cd02");
    for (String group : List.of("file", "function", "module", "caller:1")) {
      JsonNode grouped = diff(first, rebuilt, "--group-by", group);
      assertThat(grouped.at("/change/grew").asLong()).as(group).isOne();
      assertThat(grouped.get("entries").size()).as(group).isOne();
    }
  }

  @Test
  void shouldKeepStacksOfTheSameFunctionsApartWhenTheOtherSideHasNone() {
    String other = RecordingManifest.REPLAY_DATA.resolve("stealth.capture").toString();
    List<String> reported = new ArrayList<>();
    for (JsonNode stack : report(other).get("stacks")) {
      reported.add(stack.get("stackId").asText() + " " + stack.get("outstandingBytes").asLong());
    }
    List<String> told = new ArrayList<>();
    for (JsonNode entry : diff(first, other).get("entries")) {
      if (entry.get("change").asText().equals("new")) {
        told.add(entry.get("stackId").asText() + " " + entry.get("bytes").asLong());
      }
    }

    assertThat(told).containsExactlyInAnyOrderElementsOf(reported);
  }

  @Test
  void shouldSayNothingChangedWhenRecordingsAreTheSame() {
    assertThat(diff(first, same).get("entries")).isEmpty();
    assertThat(diff(first, same).at("/change/bytes").asLong()).isZero();
  }

  @Test
  void shouldBeTheDifferenceOfTheReportsWhenAskedOfARealRecording() {
    String perl = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toString();
    JsonNode diff = diff(perl, "--at", "+10ms..");
    long before = report(perl, "--at", "+10ms").at("/totals/outstandingBytes").asLong();
    long after = report(perl).at("/totals/outstandingBytes").asLong();
    long sum = 0;
    for (JsonNode entry : diff.get("entries")) {
      sum += entry.get("bytes").asLong();
      assertThat(entry.at("/after/bytes").asLong() - entry.at("/before/bytes").asLong())
          .isEqualTo(entry.get("bytes").asLong());
    }
    assertThat(diff.at("/before/bytes").asLong()).isEqualTo(before);
    assertThat(diff.at("/after/bytes").asLong()).isEqualTo(after);
    assertThat(sum).isEqualTo(after - before).isPositive();
  }

  @Test
  void shouldDivideGrowthWhenAskedPerSecondOrAllocation() {
    assertThat(diff(first, "--at", "+3s..+8s", "--per", "second").at("/change/bytesPer").asDouble())
        .isCloseTo(100, within(1e-9));
    assertThat(
            diff(first, "--at", "+3s..+8s", "--per", "allocation")
                .at("/change/bytesPer")
                .asDouble())
        .isCloseTo(500 / 10.0, within(1e-9));
    assertThat(diff(first, rebuilt, "--per", "second").at("/change/bytesPer").asDouble())
        .isCloseTo(1320 / 10.0 - 1020 / 10.0, within(1e-9));
  }

  @Test
  void shouldExitWithFourWhenItGrewByMoreThanIsAllowed() {
    assertThat(run("diff", first, rebuilt, "--fail-on", "growth:300").exitCode()).isZero();
    CommandRun grown = run("diff", first, rebuilt, "--fail-on", "growth:299");
    assertThat(grown.exitCode()).isEqualTo(4);
    assertThat(grown.err()).contains("growth:299");
    assertThat(grown.out()).contains("grew: +300 bytes in +0 allocations", "keep+0x4 [marked]");
    assertThat(run("diff", rebuilt, first, "--fail-on", "growth:0").exitCode()).isZero();
    assertThat(run("diff", first, rebuilt, "--per", "second", "--fail-on", "growth:29").exitCode())
        .isEqualTo(4);
  }

  @Test
  void shouldRefuseWhenThereIsNothingToCompare() {
    for (String[] wrong :
        new String[][] {
          {"diff", first},
          {"diff", first, "--at", "+3s"},
          {"diff", first, "--at", "third.."},
          {"diff", first, rebuilt, same},
          {"diff", first, same, "--fail-on", "shrink:3"},
          {"diff", first, same, "--fail-on", "growth:many"},
          {"diff", first, same, "--pid", "99"}
        }) {
      CommandRun run = run(wrong);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.errLines()).hasSize(1);
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  @Tag("broker")
  void shouldSayTheSameWhenSessionsOfABrokerAreCompared() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      for (String file : List.of(first, rebuilt)) {
        assertThat(run(access.with("replay", file)).exitCode()).isZero();
      }
      JsonNode asked = diff(access.with("first", "rebuilt"));
      assertThat(asked).isEqualTo(diff(first, rebuilt));
      JsonNode moments = diff(access.with("first", "--at", "first..second"));
      assertThat(moments).isEqualTo(diff(first, "--at", "first..second"));
    }
  }

  private static List<String> changes(JsonNode diff) {
    List<String> changes = new ArrayList<>();
    for (JsonNode entry : diff.get("entries")) {
      changes.add(
          String.join(
              " ",
              entry.get("change").asText(),
              entry.at("/frames/0/symbol").asText(),
              entry.get("bytes").asText()));
    }
    return changes;
  }

  private static JsonNode diff(String... options) {
    return json("diff", options);
  }

  private static JsonNode report(String... options) {
    return json("report", options);
  }

  private static JsonNode json(String command, String... options) {
    List<String> all = new ArrayList<>(List.of(command, "--format", "json", "--top", "0"));
    all.addAll(Arrays.asList(options));
    CommandRun run = run(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return RecordingManifest.json(run.out());
  }

  private String write(String session, String buildId, long keptBytes) throws IOException {
    Path file = directory.resolve(session);
    MarkedRecording.write(file, session, buildId, keptBytes);
    return file.toString();
  }

  private static CommandRun run(String... options) {
    return CommandRun.of(options);
  }
}
