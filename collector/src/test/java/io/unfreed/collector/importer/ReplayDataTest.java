package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.collector.capture.CaptureWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The recordings of real programs in {@code replay-data}, against its manifest. */
class ReplayDataTest {
  private static final Path DATA = Path.of("..", "replay-data");
  private static final ImportOptions STRICT = ImportOptions.defaults();

  @TempDir Path directory;

  static Stream<Arguments> recordings() throws IOException {
    JsonNode manifest = new ObjectMapper().readTree(DATA.resolve("manifest.json").toFile());
    return StreamSupport.stream(manifest.get("recordings").spliterator(), false)
        .map(recording -> Arguments.of(recording.get("file").asText(), recording));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recordings")
  void shouldCountAsTheManifestWhenImported(String file, JsonNode expected) throws Exception {
    Recording recording = Recordings.open(DATA.resolve(file), STRICT);
    Recorded direct = new Recorded();
    ImportResult result = recording.copyTo(direct);

    assertThat(recording.kind().name()).isEqualTo(expected.get("kind").asText());
    assertThat(result.damage()).isNull();
    assertThat(direct.sessions.getFirst().getSessionId())
        .isEqualTo(expected.get("sessionId").asText());
    BruteTotals totals = BruteTotals.of(direct.batches);
    assertThat(totals.named()).isEqualTo(totals(expected.get("totals")));
    assertThat(totals.ended).isTrue();
    assertThat(totals.allocations).isEqualTo(totals.frees + totals.superseded + totals.live.size());
    assertThat(direct.stacks.keySet()).containsAll(totals.byStack().keySet());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recordings")
  void shouldGiveTheSameRecordsWhenReadBackFromACapture(String file, JsonNode expected)
      throws Exception {
    Recorded direct = Traces.imported(DATA.resolve(file), STRICT);
    Path capture = directory.resolve("capture");
    try (CaptureWriter writer = CaptureWriter.create(capture, false)) {
      Recordings.open(DATA.resolve(file), STRICT).copyTo(writer);
    }

    Recorded copied = new Recorded();
    try (CaptureReader reader = CaptureReader.open(capture)) {
      reader.copyTo(copied);
      assertThat(reader.damage()).isNull();
    }

    assertThat(copied.sessions).isEqualTo(direct.sessions);
    assertThat(copied.stacks).isEqualTo(direct.stacks);
    assertThat(BruteTotals.of(copied.batches).named()).isEqualTo(totals(expected.get("totals")));
  }

  @Test
  void shouldAgreeOnEverythingButTemporaryWhenTheTraceWasInterpreted() throws Exception {
    Recorded raw = Traces.imported(DATA.resolve("cc1.raw.zst"), STRICT);
    Recorded interpreted = Traces.imported(DATA.resolve("cc1.interpreted.zst"), STRICT);

    assertThat(comparable(interpreted)).isEqualTo(comparable(raw));
  }

  /** Without what an interpreted file cannot know: addresses, and frames instead of functions. */
  private static Map<String, Long> comparable(Recorded recorded) {
    Map<String, Long> totals = BruteTotals.of(recorded.batches).named();
    totals.keySet().removeIf(k -> k.startsWith("largest") || k.startsWith("distinct"));
    totals.remove("temporaryAllocations");
    return totals;
  }

  private static Map<String, Long> totals(JsonNode totals) {
    Map<String, Long> named = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : totals.properties()) {
      if (field.getValue().isObject()) {
        field
            .getValue()
            .properties()
            .forEach(f -> named.put(field.getKey() + "." + f.getKey(), f.getValue().asLong()));
      } else {
        named.put(field.getKey(), field.getValue().asLong());
      }
    }
    return named;
  }
}
