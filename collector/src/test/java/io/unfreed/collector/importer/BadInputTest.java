package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.collector.capture.RecordingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
  private static final ImportOptions STRICT = ImportOptions.defaults();
  private static final ImportOptions LENIENT = STRICT.withLenient(true);

  @TempDir Path directory;

  private static String text(String format) {
    return switch (format) {
      case "raw" -> Traces.RAW_V3;
      case "interpreted" -> Traces.INTERPRETED_V3;
      default -> Traces.MTRACE;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "interpreted", "mtrace"})
  void shouldNeverLoseEventsSilentlyWhenPlainTextIsCutAnywhere(String format) throws Exception {
    byte[] whole = Traces.plain(text(format));
    Path file = directory.resolve("cut");
    Files.write(file, whole);
    List<String> all = Traces.imported(file, STRICT).events();
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      Files.write(file, cut);
      Recorded recorded = importOrNull(file, STRICT);
      if (recorded == null) {
        assertThat(length).as("refused").isLessThan(4);
        continue;
      }
      List<String> events = recorded.events();
      if (recorded.result.damage() == null) {
        assertThat(looksWhole(format, cut)).as("cut at %d", length).isTrue();
        assertThat(events.removeLast()).contains("end");
      }
      assertThat(all.subList(0, events.size())).as("cut at %d", length).isEqualTo(events);
    }
  }

  /** What no reader can tell from a whole file: text that ends where the tool could have ended. */
  private static boolean looksWhole(String format, byte[] cut) {
    String text = new String(cut, java.nio.charset.StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\n")) {
      return false;
    }
    String last = text.lines().toList().getLast();
    return switch (format) {
      case "raw" -> last.startsWith("c ") || last.startsWith("R ");
      case "interpreted" -> last.startsWith("# ips");
      default -> !last.contains("<");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "interpreted", "mtrace"})
  void shouldNameTheDamageWhenACompressedFileIsCutAnywhere(String format) throws Exception {
    byte[] plain = Traces.plain(text(format).replace("#", "# " + "padding ".repeat(20) + "\n#"));
    for (byte[] whole : List.of(Traces.gzip(plain), Traces.zstd(plain))) {
      Path file = directory.resolve("cut");
      Files.write(file, whole);
      assertThat(Traces.imported(file, STRICT).result.damage()).isNull();
      for (int length = 1; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        Recorded recorded = importOrNull(file, STRICT);
        if (recorded != null) {
          assertThat(recorded.result.damage()).as("cut at %d", length).isNotNull();
          assertThat(recorded.sessions).hasSize(1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "interpreted", "mtrace"})
  void shouldRefuseOrNameTheDamageWhenACompressedByteIsFlipped(String format) throws Exception {
    byte[] plain = Traces.plain(text(format));
    Path file = directory.resolve("flipped");
    Files.write(file, plain);
    List<String> all = Traces.imported(file, STRICT).events();
    for (byte[] whole : List.of(Traces.gzip(plain), Traces.zstd(plain))) {
      for (int at = 0; at < whole.length; at++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        Files.write(file, flipped);
        Recorded recorded = importOrNull(file, STRICT);
        if (recorded != null && recorded.result.damage() == null) {
          assertThat(recorded.events()).as("flipped at %d", at).isEqualTo(all);
        }
      }
    }
  }

  @Test
  void shouldOnlyFailWithOneClearLineWhenBytesAreRandom() throws Exception {
    long seed = 20261121;
    Random random = new Random(seed);
    Path file = directory.resolve("random");
    for (int round = 0; round < 300; round++) {
      byte[] bytes = Traces.plain(text(List.of("raw", "interpreted", "mtrace").get(round % 3)));
      for (int i = 0; i <= random.nextInt(8); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      importOrNull(file, STRICT);
      importOrNull(file, LENIENT);
    }
  }

  @Test
  void shouldSayWhatIsWrongWhenTheFileIsNoRecording() throws Exception {
    Path file = directory.resolve("file");
    Files.write(file, new byte[0]);
    refused(file, "the file is empty");
    Files.write(file, Traces.zstd(new byte[0]));
    refused(file, "nothing in it");
    Files.writeString(file, "PK\u0003\u0004 something else");
    refused(file, "no capture, heaptrack file or mtrace log; it begins with: PK..");
    refused(directory, "cannot be read: it is a directory");
    refused(directory.resolve("missing"), "cannot be read: no such file or directory");
    refused(Path.of("/dev/null"), "it is no regular file");
  }

  @Test
  void shouldFindALineMalformedWhenItIsLongerThanAChunk() throws Exception {
    String comment = "#" + "x".repeat(2 * LineChunks.CHUNK_BYTES + 77) + "\n";
    String module = "m 5 " + "y".repeat(LineChunks.CHUNK_BYTES + 1) + "\n";
    String trace = Traces.RAW_V3.replace("c a\n", "c a\n" + comment);

    assertThat(Traces.imported(directory, trace, STRICT).events()).hasSize(6);
    assertThatThrownBy(
            () -> Traces.imported(directory, trace.replace("- a00\n", module + "- a00\n"), STRICT))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("line 16: expected 'm <length>");
  }

  @Test
  void shouldHaveTheSameIdHoweverItIsPackedAndAnotherWithOtherOptions() throws Exception {
    byte[] plain = Traces.plain(Traces.RAW_V3);
    Path file = directory.resolve("file");
    Files.write(file, plain);
    String id = id(file, STRICT);
    String lenientId = id(file, LENIENT);
    Files.write(file, Traces.gzip(plain));
    String gzipId = id(file, STRICT);
    Files.write(file, Traces.zstd(plain));

    assertThat(id(file, STRICT)).isEqualTo(id).isEqualTo(gzipId);
    assertThat(lenientId).isNotEqualTo(id);
    assertThat(id(file, STRICT.withTickNanos(1_000_000_000))).isNotEqualTo(id);
  }

  private static String id(Path file, ImportOptions options) throws IOException {
    return Traces.imported(file, options).sessions.getFirst().getSessionId();
  }

  private static void refused(Path file, String reason) {
    assertThatThrownBy(() -> Recordings.open(file, STRICT))
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }

  /** Null when refused with the one documented exception; any other exception fails the test. */
  private static Recorded importOrNull(Path file, ImportOptions options) throws IOException {
    try {
      return Traces.imported(file, options);
    } catch (RecordingException e) {
      assertThat(e.getMessage()).startsWith(file + ": ").doesNotContain("\n");
      return null;
    }
  }
}
