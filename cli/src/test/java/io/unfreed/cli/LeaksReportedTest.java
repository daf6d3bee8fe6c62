package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaks, not only stacks: in every format, on every path, and in checks. */
class LeaksReportedTest {
  @TempDir Path directory;

  private Path file;

  @BeforeEach
  void record() throws IOException {
    file = directory.resolve("leaky");
    LeakyRecording.write(file);
  }

  @Test
  void shouldTellEachLeakOnceWhenOneIsSpreadOverManyStacks() {
    JsonNode leaks =
        RecordingManifest.json(CommandRun.done("report", file.toString(), "--format", "json").out())
            .get("leaks");

    assertThat(leaks).hasSize(3);
    assertThat(leaks.findValuesAsText("frame")).containsExactly("prefetch", "conn_open", "buffer");
    assertThat(leaks.get(2).get("stackIds")).hasSize(LeakyRecording.OPERATIONS);
    assertThat(leaks.get(2).at("/verdict/class").asText()).isEqualTo("leaking");
    assertThat(leaks.get(1).at("/verdict/confidence").asDouble()).isEqualTo(0.95);
  }

  @Test
  void shouldListTheLeakAndSomeOfItsStacksWhenTextIsPrinted() {
    List<String> text = CommandRun.done("report", file.toString()).outLines();

    assertThat(text)
        .contains(
            "        19200 bytes in 300 allocations from 60 stacks (leaking 0.60)",
            "            in common: buffer+0x4 [leaky]",
            "            57 more stacks: --top 0 lists all");
    assertThat(CommandRun.done("report", file.toString(), "--top", "0").out())
        .doesNotContain("more stacks");
  }

  @Test
  void shouldTellLeaksFirstAndThenWhatIsLargeAndNoLeak() {
    List<String> text = CommandRun.done("report", file.toString()).outLines();

    assertThat(text.stream().filter(line -> line.matches("    \\w.*:")))
        .containsSubsequence("    leaks, fastest first:", "    large, and no leak:");
    assertThat(text.indexOf("    large, and no leak:") + 1)
        .isEqualTo(
            text.indexOf("        5000000 bytes in 500 allocations from stack (one-off 0.60)"));
    assertThat(CommandRun.done("report", file.toString(), "--sort", "bytes").out())
        .doesNotContain("fastest first")
        .contains("from stack (leaking");
  }

  @Test
  void shouldSayWhoFreesTheOthersWhenReleasesHaveStacks() {
    JsonNode report =
        RecordingManifest.json(
            CommandRun.done("report", file.toString(), "--format", "json", "--top", "0").out());
    String opened =
        report
            .get("leaks")
            .valueStream()
            .filter(leak -> leak.get("frame").asText().equals("conn_open"))
            .map(leak -> leak.at("/verdict/evidence").asText())
            .findFirst()
            .orElseThrow();

    assertThat(opened).matches(".*; the other 9\\d\\.\\d % are freed in conn_close");
    assertThat(CommandRun.done("report", file.toString()).out())
        .contains("% are freed in conn_close");
    assertThat(CommandRun.done("explain", file.toString(), "conn_open").out())
        .contains("% are freed in conn_close");
  }

  @Test
  void shouldTellWhenTheRecordedLimitIsMetUnlessAnotherIsGiven() {
    JsonNode recorded =
        RecordingManifest.json(
            CommandRun.done("report", file.toString(), "--format", "json").out());
    JsonNode given =
        RecordingManifest.json(
            CommandRun.done("report", file.toString(), "--format", "json", "--limit", "2g").out());

    assertThat(recorded.at("/leaks/0/verdict/limitBytes").asLong())
        .isEqualTo(LeakyRecording.MEMORY_LIMIT);
    assertThat(recorded.at("/leaks/0/verdict/timeToLimitNanos")).hasSize(2);
    assertThat(given.at("/leaks/0/verdict/limitBytes").asLong()).isEqualTo(2L << 30);
    assertThat(CommandRun.done("report", file.toString()).out())
        .contains("the limit of 1.1 GB is met in");
  }

  @Test
  void shouldHideWhatIsSuppressedAndSayHowMuchItHolds() throws IOException {
    Path known = directory.resolve("known");
    Files.writeString(known, "leak:^prefetch$\nleak:table_new\nleak:nowhere\n");
    String[] asked = {"report", file.toString(), "--suppressions", known.toString()};
    CommandRun text = CommandRun.done(asked);
    JsonNode json =
        RecordingManifest.json(
            CommandRun.done(List.of("--format", "json", "--top", "0"), asked).out());

    assertThat(text.outLines())
        .contains("    suppressed: 12400000 bytes in 574 allocations from 2 stacks");
    assertThat(text.out()).doesNotContain("prefetch", "table_new").contains("conn_open");
    assertThat(text.err()).contains("leak:nowhere matches nothing").doesNotContain("table_new");
    assertThat(json.at("/suppressed/stacks").asInt()).isEqualTo(2);
    assertThat(json.get("leaks")).hasSize(2);
    assertThat(json.get("stacks")).hasSize(LeakyRecording.OPERATIONS + 1);
    assertThat(json.at("/totals/outstandingBytes").asLong()).isEqualTo(12_569_200);
  }

  @Test
  void shouldHideWhatTheTraceItselfSuppresses() throws IOException {
    Path trace = directory.resolve("trace");
    Files.writeString(
        trace,
        """
        v 10400 3
        X tool
        I 1000 1
        S leak:tool
        S # a comment
        x 9 /bin/tool
        m 9 /bin/tool 0 0 1000
        t 10 0
        + 64 1 5000
        c 1
        R 1
        """);

    CommandRun report = CommandRun.done("report", trace.toString());

    assertThat(report.out()).contains("suppressed: 100 bytes in 1 allocations from 1 stacks");
    assertThat(report.err()).isEmpty();
    assertThat(CommandRun.of("check", trace.toString()).err()).contains("1 stacks are suppressed");
  }

  @Test
  void shouldColourTextOnlyWhenAsked() {
    String plain = CommandRun.done("report", file.toString()).out();
    String coloured = CommandRun.done("report", file.toString(), "--color", "always").out();

    assertThat(plain).doesNotContain("\u001b");
    assertThat(coloured).contains("\u001b[1;31m");
    assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
    assertThat(
            CommandRun.done("report", file.toString(), "--color", "always", "--format", "json")
                .out())
        .doesNotContain("\u001b");
  }

  @Test
  void shouldCountLeaksWhenChecked() throws IOException {
    CommandRun check = CommandRun.of("check", file.toString());
    Path suppressions = directory.resolve("known");
    Files.writeString(suppressions, "leak:prefetch\nleak:^op*\n");
    CommandRun some =
        CommandRun.of("check", file.toString(), "--suppressions", suppressions.toString());

    assertThat(check.exitCode()).isEqualTo(ExitCodes.CONDITION_MET);
    assertThat(check.outLines().stream().filter(line -> !line.startsWith(" "))).hasSize(4);
    assertThat(check.out()).contains("from 60 stacks (leaking 0.60)");
    assertThat(some.outLines().stream().filter(line -> !line.startsWith(" "))).hasSize(2);
    assertThat(some.err()).contains("61 stacks are suppressed");
  }

  @Test
  @Tag("broker")
  void shouldSayTheSameOnEveryPath() throws Exception {
    Path known = directory.resolve("known");
    Files.writeString(known, "leak:prefetch\n");
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      for (String question :
          List.of(
              "--top 2",
              "--format json",
              "--format json --top 0 --interval 5s",
              "--format json --at +450s",
              "--format json --suppressions " + known,
              "--format json --sort count --limit 1g",
              "--sort temporary --top 3",
              "--format json --sort temporary --top 0")) {
        List<String> options = List.of(question.split(" ", -1));
        String direct = CommandRun.done(options, "report", file.toString()).out();
        assertThat(CommandRun.done(options, access.with("replay", file.toString())).out())
            .as(question)
            .isEqualTo(direct);
        assertThat(CommandRun.done(options, access.with("report", "--session", "leaky")).out())
            .as(question)
            .isEqualTo(direct);
      }
    }
  }
}
