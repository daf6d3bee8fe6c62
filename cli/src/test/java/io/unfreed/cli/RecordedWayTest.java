package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.RecordedFrom;
import io.unfreed.schemas.wire.StackDictionary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reports say of how, and of how much of, their processes were recorded. */
class RecordedWayTest {
  private static final StackId ALLOCATES = new StackId(1, 0);
  private static final StackId RELEASES = new StackId(2, 0);

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void writeRecording() throws Exception {
    file = directory.resolve("three.capture");
    StackDictionary stacks = new StackDictionary();
    stacks.number(ALLOCATES);
    stacks.number(RELEASES);
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session(null));
      Long[] from = {RecordedFrom.BEGINNING, 2_345_000_000L, RecordedFrom.NEVER};
      for (int i = 0; i < from.length; i++) {
        EventBatchBuilder builder =
            new EventBatchBuilder(
                new EventBatchBuilder.Lane(
                    new LaneKey("three", (10 + i) + "-1", 0), 1, 1000, false, true),
                new Process(10 + i, 1L, "program " + i, from[i]),
                stacks);
        if (from[i] != RecordedFrom.NEVER) {
          allocateAndFree(builder);
        }
        builder.plain(EventCodes.EXIT, 50, 0);
        capture.batch(builder.encode());
      }
      capture.session(session(new SessionEnd(50L, 0L, 0L, 0L, Map.of())));
    }
  }

  /** Three blocks of 8 bytes, one freed by a stack, one by nobody knows whom. */
  private static void allocateAndFree(EventBatchBuilder builder) {
    for (int i = 0; i < 3; i++) {
      builder.allocate(EventCodes.ALLOC_HEAP, i, 1, 16 + 16 * i, 8, 0);
    }
    builder.release(EventCodes.FREE_HEAP, 10, 1, 16, 1);
    builder.release(EventCodes.FREE_HEAP, 11, 1, 32, EventCursor.NO_STACK);
  }

  private static Session session(SessionEnd end) {
    return Session.newBuilder()
        .setSessionId("three")
        .setSource(Source.SHIM)
        .setTickNanos(1000)
        .setProbes(List.of("malloc [libc.so.6]", "not seen: static binaries"))
        .setFreeStacks(true)
        .setEnd(end)
        .build();
  }

  @Test
  void shouldSayInTextFromWhenEachProcessWasRecordedAndHow() {
    List<String> lines = CommandRun.of("report", file.toString()).outLines();

    assertThat(lines)
        .contains(
            "    process 10: program 0",
            "    process 11 (from +2.3 s): program 1",
            "    process 12 (not recorded): program 2");
    assertThat(lines.subList(lines.size() - 2, lines.size()))
        .containsExactly(
            "    recorded by: shim (a library in the process)", "    not seen: static binaries");
  }

  @Test
  void shouldSayTheSameInJsonAndBeCertainOfNothingSeenInPart() {
    List<JsonNode> reports = reports();

    assertThat(reports).hasSize(3);
    for (JsonNode report : reports) {
      assertThat(report.at("/session/source").asText()).isEqualTo("shim");
      assertThat(report.at("/session/freeStacks").asBoolean()).isTrue();
      assertThat(report.at("/session/notSeen")).hasSize(1);
      assertThat(report.at("/session/notSeen/0").asText()).isEqualTo("static binaries");
    }
    assertThat(numbers(reports, "/process/recordedFromNanos"))
        .containsExactly(0L, 2_345_000_000L, null);
    assertThat(numbers(reports, "/totals/outstandingBytes")).containsExactly(8L, 8L, 0L);
    assertThat(numbers(reports, "/totals/certainBytes")).containsExactly(8L, 0L, 0L);
    assertThat(numbers(reports, "/selected/certainBytes")).containsExactly(8L, 0L, 0L);
    assertThat(reports.getLast().get("stacks")).isEmpty();
  }

  @Test
  void shouldNameInJsonWhoReleased() {
    JsonNode freedBy = reports().getFirst().at("/stacks/0/freedBy");

    assertThat(freedBy.toString())
        .isEqualTo(
            "[{\"stackId\":\"%s\",\"frees\":1},{\"stackId\":\"%s\",\"frees\":1}]"
                .formatted(StackId.UNKNOWN, RELEASES));
  }

  private List<JsonNode> reports() {
    CommandRun run = CommandRun.of("report", file.toString(), "--format", "json");
    assertThat(run.err()).isEmpty();
    List<JsonNode> reports = new ArrayList<>();
    run.outLines().forEach(line -> reports.add(RecordingManifest.json(line)));
    return reports;
  }

  private static List<Long> numbers(List<JsonNode> reports, String path) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode report : reports) {
      JsonNode number = report.at(path);
      numbers.add(number.isNull() ? null : (Long) number.asLong());
    }
    return numbers;
  }
}
