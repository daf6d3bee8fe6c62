package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        RecordingManifest.json(run("report", file.toString(), "--format", "json").out())
            .get("leaks");

    assertThat(leaks).hasSize(3);
    assertThat(leaks.findValuesAsText("frame")).containsExactly("prefetch", "conn_open", "buffer");
    assertThat(leaks.get(2).get("stackIds")).hasSize(LeakyRecording.OPERATIONS);
    assertThat(leaks.get(2).at("/verdict/class").asText()).isEqualTo("leaking");
    assertThat(leaks.get(1).at("/verdict/confidence").asDouble()).isEqualTo(0.95);
  }

  @Test
  void shouldListTheLeakAndSomeOfItsStacksWhenTextIsPrinted() {
    List<String> text = run("report", file.toString()).outLines();

    assertThat(text)
        .contains(
            "        19200 bytes in 300 allocations from 60 stacks (leaking 0.60)",
            "            in common: buffer+0x4 [leaky]",
            "            57 more stacks: --top 0 lists all");
    assertThat(run("report", file.toString(), "--top", "0").out()).doesNotContain("more stacks");
  }

  @Test
  void shouldCountLeaksWhenChecked() throws IOException {
    CommandRun check = CommandRun.of("check", file.toString());
    Path suppressions = directory.resolve("known");
    Files.writeString(suppressions, "leak:prefetch\nleak:^op*\n");
    CommandRun some =
        CommandRun.of("check", file.toString(), "--suppressions", suppressions.toString());

    assertThat(check.exitCode()).isEqualTo(ExitCodes.CONDITION_MET);
    assertThat(check.outLines().stream().filter(line -> !line.startsWith(" "))).hasSize(3);
    assertThat(check.out()).contains("from 60 stacks (leaking 0.60)");
    assertThat(some.outLines().stream().filter(line -> !line.startsWith(" "))).hasSize(1);
    assertThat(some.err()).contains("61 stacks are suppressed");
  }

  @Test
  @Tag("broker")
  void shouldSayTheSameOnEveryPath() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      for (String question :
          List.of(
              "--top 2",
              "--format json",
              "--format json --top 0 --interval 5s",
              "--format json --at +450s",
              "--format json --sort count --limit 1g")) {
        List<String> options = List.of(question.split(" ", -1));
        String direct = run(with(options, "report", file.toString())).out();
        assertThat(run(with(options, access.with("replay", file.toString()))).out())
            .as(question)
            .isEqualTo(direct);
        assertThat(run(with(options, access.with("report", "--session", "leaky"))).out())
            .as(question)
            .isEqualTo(direct);
      }
    }
  }

  private static String[] with(List<String> options, String... first) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(options);
    return all.toArray(String[]::new);
  }

  private static CommandRun run(String... options) {
    CommandRun run = CommandRun.of(options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
