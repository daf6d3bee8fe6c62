package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.broker.EmbeddedBroker;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real recordings through both paths: the exact totals of the manifest, and the same lines. */
@Tag("broker")
class RecordedTotalsTest {
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.startTemporary();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  static List<RecordingManifest.Entry> recordings() {
    return RecordingManifest.entries();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void shouldPrintTheExactTotalsWhenReported(RecordingManifest.Entry recording) {
    CommandRun run =
        CommandRun.of("report", recording.file().toString(), "--format", "json", "--top", "0");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines()).hasSize(1);
    check(recording, RecordingManifest.json(run.out()));
  }

  /** heaptrack's own numbers are the manifest's. */
  @ParameterizedTest
  @MethodSource("recordings")
  void shouldTellWhichStacksMadeTheTemporaryAllocations(RecordingManifest.Entry recording) {
    String[] asked = {"--format", "json", "--top", "0", "--sort", "temporary"};
    JsonNode report =
        RecordingManifest.json(
            CommandRun.done(List.of(asked), "report", recording.file().toString()).out());
    JsonNode cut =
        RecordingManifest.json(
            CommandRun.done(
                    "report",
                    recording.file().toString(),
                    "--format",
                    "json",
                    "--sort",
                    "temporary",
                    "--top",
                    "3")
                .out());
    List<Long> temporary =
        report
            .get("stacks")
            .valueStream()
            .map(stack -> stack.get("temporaryAllocations").asLong())
            .toList();

    assertThat(temporary.stream().mapToLong(Long::longValue).sum())
        .isEqualTo(recording.totals().get("temporaryAllocations").asLong());
    assertThat(temporary).isSortedAccordingTo(Comparator.reverseOrder()).doesNotContain(0L);
    assertThat(cut.get("stacks")).hasSize(Math.min(3, temporary.size()));
    assertThat(cut.at("/stacks/0")).isEqualTo(report.at("/stacks/0"));
    assertThat(cut.get("totals")).isEqualTo(report.get("totals"));
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void shouldPrintTheSameWhenReplayedOnceAndAgain(RecordingManifest.Entry recording) {
    String file = recording.file().toString();
    CommandRun reported = CommandRun.of("report", file, "--format", "json", "--top", "0");
    CommandRun replayed = replay(file);
    CommandRun again = replay(file);

    assertThat(replayed.exitCode()).as(replayed.err()).isZero();
    check(recording, RecordingManifest.json(replayed.out()));
    assertThat(replayed.out()).isEqualTo(reported.out());
    assertThat(again.out()).isEqualTo(reported.out());
    assertThat(
            CommandRun.of(
                    BrokerAccess.of(broker)
                        .with(
                            "report", "--session", id(reported), "--format", "json", "--top", "0"))
                .out())
        .isEqualTo(reported.out());
  }

  private static CommandRun replay(String file) {
    return CommandRun.of(
        BrokerAccess.of(broker).with("replay", file, "--format", "json", "--top", "0"));
  }

  private static String id(CommandRun run) {
    return RecordingManifest.json(run.out()).at("/session/id").asText();
  }

  private static void check(RecordingManifest.Entry recording, JsonNode report) {
    JsonNode totals = report.get("totals");
    recording
        .totals()
        .properties()
        .forEach(expected -> {
          if (!expected.getKey().equals("largestStack")) {
            assertThat(totals.get(expected.getKey()))
                .as(recording + " " + expected.getKey())
                .isEqualTo(expected.getValue());
          }
        });
    assertThat(report.at("/at/final").asBoolean()).isTrue();
    assertThat(report.get("stacks")).hasSize(totals.get("distinctStacks").asInt());
    long bytes = 0;
    long count = 0;
    for (JsonNode stack : report.get("stacks")) {
      bytes += stack.get("outstandingBytes").asLong();
      count += stack.get("outstandingCount").asLong();
      assertThat(stack.get("frames")).isNotEmpty();
      assertThat(stack.get("allocations").asLong())
          .isEqualTo(
              stack.get("frees").asLong()
                  + stack.get("superseded").asLong()
                  + stack.get("closedByExec").asLong()
                  + stack.get("outstandingCount").asLong());
    }
    assertThat(bytes).isEqualTo(totals.get("outstandingBytes").asLong());
    assertThat(count).isEqualTo(totals.get("outstandingCount").asLong());
    JsonNode largest = recording.totals().get("largestStack");
    if (!report.get("stacks").isEmpty()) {
      assertThat(report.at("/stacks/0/outstandingBytes"))
          .isEqualTo(largest.get("outstandingBytes"));
      assertThat(report.at("/stacks/0/outstandingCount"))
          .isEqualTo(largest.get("outstandingCount"));
    }
  }
}
