package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code explain}: since when, how often, who allocates and who frees. */
class ExplainTest {
  @TempDir Path directory;

  private Path file;

  @BeforeEach
  void record() throws IOException {
    file = directory.resolve("leaky");
    LeakyRecording.write(file);
  }

  @Test
  void shouldSayHowOftenWhenALeakIsRegular() {
    JsonNode explained = ask("prefetch");

    assertThat(explained.at("/frame").asText()).isEqualTo("prefetch");
    assertThat(explained.at("/bornEvery/everyNanos").asDouble() / 1e9).isCloseTo(8, within(0.02));
    assertThat(explained.at("/blocks/stay").asLong()).isEqualTo(74);
    assertThat(explained.at("/threads/0/tid").asInt()).isEqualTo(2);
    assertThat(explained.at("/sizes/0/sizeBytes").asLong()).isEqualTo(100_000);
    assertThat(explained.at("/since/shareBefore").isNull()).isTrue();
    assertThat(text("1")).contains("allocates every 8 s", "none was ever freed");
  }

  @Test
  void shouldSaySinceWhenAndWhoFreesTheOthersWhenSomeStay() {
    JsonNode explained = ask("2");

    assertThat(explained.at("/frame").asText()).isEqualTo("conn_open");
    assertThat(explained.at("/since/sinceStartNanos").asDouble() / 1e9).isBetween(290.0, 325.0);
    assertThat(explained.at("/since/shareBefore").asDouble()).isZero();
    assertThat(explained.at("/since/shareAfter").asDouble()).isCloseTo(0.05, within(0.015));
    assertThat(explained.at("/freedBy/0/frames/0/symbol").asText()).isEqualTo("conn_close");
    assertThat(explained.at("/freedBy/0/frees").asLong())
        .isEqualTo(explained.at("/blocks/freed").asLong());
    JsonNode survival = explained.get("survival");
    assertThat(survival.get(survival.size() - 1).get("share").asDouble())
        .isCloseTo(0.025, within(0.01));
    assertThat(text("2")).contains("freed by:", "conn_close", "share of the blocks");
  }

  @Test
  void shouldExplainAllStacksOfALeakWhenItIsSpread() {
    JsonNode explained = ask("buffer");

    assertThat(explained.get("stacks")).hasSize(LeakyRecording.OPERATIONS);
    assertThat(explained.at("/blocks/born").asLong()).isEqualTo(5 * LeakyRecording.OPERATIONS);
    assertThat(explained.at("/verdict/class").asText()).isEqualTo("leaking");
  }

  @Test
  void shouldExplainAStackThatIsNoLeakWhenItIsNamed() {
    JsonNode explained = ask("table_new");
    String id = explained.at("/stacks/0/stackId").asText();

    assertThat(explained.at("/verdict/class").asText()).isEqualTo("one-off");
    assertThat(ask(id.substring(0, 12))).isEqualTo(explained);
    assertThat(ask("table_new", "--at", "+200s").at("/at/final").asBoolean()).isFalse();
  }

  @Test
  void shouldSayTheServicesPeriodWhenTheDemoIsExplained() {
    CommandRun run =
        CommandRun.of(
            "explain", RecordingManifest.REPLAY_DATA.resolve("stealth.capture").toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("prefetch_block", "allocates every 400 ms");
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(run.out())).isTrue();
  }

  @Test
  void shouldRefuseWhenNothingOfThatNameIsThere() {
    fails("no such leak", "explain", file.toString(), "9");
    fails("no such leak", "explain", file.toString(), "nowhere");
    fails("explain what?", "explain");
    fails("one leak or stack", "explain", file.toString(), "1", "2");
    fails("--interval", "explain", file.toString(), "--interval", "5s");
    fails(
        "name a stack",
        "explain",
        RecordingManifest.REPLAY_DATA.resolve("sqlite.raw.zst").toString());
  }

  @Test
  @Tag("broker")
  void shouldSayTheSameWhenAskedOfTheBroker() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      assertThat(CommandRun.of(access.with("replay", file.toString())).exitCode()).isZero();
      CommandRun asked = CommandRun.of(access.with("explain", "conn_open", "--session", "leaky"));

      assertThat(asked.err()).isEmpty();
      assertThat(asked.out()).isEqualTo(text("conn_open"));
    }
  }

  private JsonNode ask(String... name) {
    List<String> all = new ArrayList<>(List.of("explain", file.toString(), "--format", "json"));
    all.addAll(List.of(name));
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return RecordingManifest.json(run.out());
  }

  private String text(String name) {
    CommandRun run = CommandRun.of("explain", file.toString(), name);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  private static void fails(String word, String... options) {
    CommandRun run = CommandRun.of(options);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(word);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.out()).isEmpty();
  }
}
