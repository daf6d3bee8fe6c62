package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that steer terminals or turn texts around do neither in another tool. */
class ExportedNamesTest {
  private static final String STEERING = "\u001b[2J\u202egpj.exe\n";
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path directory;

  private Path recording;

  @BeforeEach
  void record() throws IOException {
    recording = directory.resolve("steering");
    StackId id = new StackHasher().hash(List.of(new FrameKey.InModule("ab", 1)));
    StackDictionary dictionary = new StackDictionary();
    dictionary.number(id);
    Frame frame =
        Frame.newBuilder()
            .setSymbol("function" + STEERING)
            .setModule("/lib/module" + STEERING)
            .setBuildId("ab")
            .setAddress(1L)
            .setFile("file" + STEERING)
            .setLine(1)
            .build();
    try (CaptureWriter capture = CaptureWriter.create(recording, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId("steering")
              .setSource(Source.EBPF)
              .setCommand("command" + STEERING)
              .setHost("host" + STEERING)
              .setTickNanos(5 * SECOND)
              .setEnd(new SessionEnd(SECOND, 1L, 1L, 0L, Map.of()))
              .build());
      capture.stack(new CallStack(id.toHash(), Quality.LINES, List.of(frame)));
      EventBatchBuilder events =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(
                  new LaneKey("steering", "7-70", 0), 1, 5 * SECOND, false, true),
              new Process(7, 70L, "command" + STEERING, 0L),
              dictionary);
      events.allocate(EventCodes.ALLOC_HEAP, 1, 1, 0x1000, 1000, 0);
      events.end(SECOND, 0, 0);
      capture.batch(events.encode());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"folded", "heaptrack"})
  void shouldBeHarmlessInTexts(String format) throws IOException {
    harmless(text(Files.readAllBytes(exported(format))).replace("\n", ""));
  }

  @Test
  void shouldBeHarmlessInPprof() throws IOException {
    assertThat(text(Files.readAllBytes(exported("pprof"))))
        .contains("function", "module", "file")
        .doesNotContain("\u001b[", "\u202e", "exe\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"speedscope", "dhat", "firefox"})
  void shouldBeHarmlessInJson(String format) throws IOException {
    walk(RecordingManifest.json(text(Files.readAllBytes(exported(format)))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "report %s --format json",
        "report %s --format json --group-by stack",
        "report %s --format json --group-by file",
        "report %s",
        "report %s --group-by module",
        "diff %s --at +0s.. --format json",
        "diff %s --at +0s..",
        "explain %s function",
        "explain %s function --format json",
      })
  void shouldBeHarmlessInWhatCommandsPrint(String command) {
    CommandRun run = CommandRun.of(command.formatted(recording).split(" "));

    assertThat(run.out()).contains("u202e");
    harmless(run.out().replace("\n", ""));
  }

  private Path exported(String format) {
    return Exports.write(directory, format, recording.toString());
  }

  private static String text(byte[] file) throws IOException {
    boolean isPacked = file[0] == 0x1f && file[1] == (byte) 0x8b;
    byte[] bytes =
        isPacked ? new GZIPInputStream(new ByteArrayInputStream(file)).readAllBytes() : file;
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void walk(JsonNode node) {
    if (node.isTextual()) {
      harmless(node.asText());
    }
    node.forEach(ExportedNamesTest::walk);
  }

  private static void harmless(String text) {
    assertThat(text).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
  }
}
