package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file of each format, cut at any byte or with any byte changed: what could be read is reported,
 * what is missing is told in a line, exit code 1 only when nothing could be read. The traces are
 * packed with a checksum, as captures are: without one, a changed digit is a whole other file.
 * {@code -Dunfreed.damages=N} for more.
 */
class DamagedFilesTest {
  private static final int DAMAGES = Integer.getInteger("unfreed.damages", 25);
  private static final long SEED = Long.getLong("unfreed.seed", 7);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"perl-cycle.capture", "python3.raw.zst", "cc1.interpreted.zst", "jq.mtrace.zst"})
  void shouldTellWhatIsMissingWhenBytesAreCutOrChanged(String name) throws Exception {
    System.out.println(name + ": -Dunfreed.seed=" + SEED + " -Dunfreed.damages=" + DAMAGES);
    Random random = new Random(SEED);
    byte[] bytes = withChecksum(RecordingManifest.REPLAY_DATA.resolve(name));
    String whole = check("whole", bytes, null);
    for (int i = 0; i < DAMAGES; i++) {
      int cut = random.nextInt(bytes.length);
      check("cut at " + cut, Arrays.copyOf(bytes, cut), whole);
      int at = random.nextInt(bytes.length);
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      check("byte " + at + " is " + changed[at], changed, whole);
    }
  }

  @Test
  void shouldReadNothingWhenAFieldOfTheSchemaHasAnotherName() throws IOException {
    byte[] bytes = Files.readAllBytes(RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (String field : List.of("file", "command", "endNanos")) {
      String name = "\"name\":\"" + field + "\"";
      assertThat(text).contains(name);
      String damaged = text.replaceFirst(name, name.replace(field, "X" + field.substring(1)));

      String out = check(field, damaged.getBytes(StandardCharsets.ISO_8859_1), null);

      assertThat(out).as(field).isEmpty();
    }
  }

  @Test
  void shouldReadNothingWhenASymbolOfTheSchemaHasAnotherName() throws IOException {
    byte[] bytes = Files.readAllBytes(RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String damaged = text.replaceFirst("\"HEAPTRACK\"", "\"HEAPTRAKK\"");
    assertThat(damaged).isNotEqualTo(text);

    String out = check("symbol", damaged.getBytes(StandardCharsets.ISO_8859_1), null);

    assertThat(out).isEmpty();
  }

  private String check(String what, byte[] bytes, String whole) throws IOException {
    Path file = Files.write(directory.resolve("file"), bytes);

    CommandRun run = CommandRun.of("report", file.toString(), "--format", "json", "--top", "0");

    assertThat(run.err()).as(what).doesNotContain("internal error").doesNotContain("\tat ");
    assertThat(run.errLines()).as(what).allMatch(line -> line.startsWith("unfreed: " + file + ":"));
    assertThat(run.exitCode()).as(what + run.err()).isIn(0, 1);
    if (run.exitCode() == 1) {
      assertThat(run.errLines()).as(what).hasSize(1);
      assertThat(run.out()).as(what).isEmpty();
    } else if (whole != null && !run.out().equals(whole)) {
      assertThat(run.errLines()).as(what).isNotEmpty();
    }
    return run.out();
  }

  /** The file itself, or what is in it packed by gzip, whose checksum is never left out. */
  private static byte[] withChecksum(Path file) throws IOException {
    if (!file.toString().endsWith(".zst")) {
      return Files.readAllBytes(file);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed);
        var in = new com.github.luben.zstd.ZstdInputStream(Files.newInputStream(file))) {
      in.transferTo(gzip);
    }
    return packed.toByteArray();
  }
}
