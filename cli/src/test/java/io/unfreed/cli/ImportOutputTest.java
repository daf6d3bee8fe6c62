package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an import leaves behind: the whole capture or what was there before, nothing else. */
class ImportOutputTest {
  @TempDir Path directory;
  private Path trace;
  private Path malformed;
  private Path out;

  @BeforeEach
  void writeTraces() throws IOException {
    trace = directory.resolve("trace");
    Files.copy(RecordingManifest.REPLAY_DATA.resolve("perl-cycle.raw.zst"), trace);
    malformed =
        Files.writeString(
            directory.resolve("malformed"), "v 10400 3\nX x\nI 1000 10\nt 10 0\n+ nonsense\n");
    out = directory.resolve("out");
  }

  @Test
  void shouldLeaveNothingWhenTheImportFails() throws IOException {
    CommandRun run = imported(malformed, out);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).contains("malformed: line 5").endsWith(out + " is not written\n");
    assertThat(files()).containsExactly("malformed", "trace");
  }

  @Test
  void shouldLeaveTheOldFileWhenAForcedImportFails() throws IOException {
    Files.writeString(out, "precious");

    CommandRun run = imported(malformed, out, "--force");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).endsWith(out + " is as it was\n");
    assertThat(out).hasContent("precious");
    assertThat(files()).containsExactly("malformed", "out", "trace");
  }

  @Test
  void shouldReplaceTheFileBehindALinkWhenForced() throws IOException {
    Files.writeString(out, "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), out);

    assertThat(imported(trace, link, "--force").exitCode()).isZero();

    assertThat(link).isSymbolicLink();
    assertThat(CommandRun.of("report", out.toString()).exitCode()).isZero();
    assertThat(files()).containsExactly("link", "malformed", "out", "trace");
  }

  @Test
  void shouldRefuseEvenWhenForcedWhenTheOutputIsTheTrace() throws IOException {
    byte[] before = Files.readAllBytes(trace);
    Path symbolic = Files.createSymbolicLink(directory.resolve("symbolic"), trace);
    Path hard = Files.createLink(directory.resolve("hard"), trace);

    for (Path same : List.of(trace, directory.resolve("./trace"), symbolic, hard)) {
      CommandRun run = imported(trace, same, "--force");

      assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
      assertThat(run.errLines()).hasSize(1);
      assertThat(run.err()).contains(same.toString()).contains("is the trace");
      assertThat(Files.readAllBytes(trace)).isEqualTo(before);
    }
    assertThat(files()).containsExactly("hard", "malformed", "symbolic", "trace");
  }

  @Test
  void shouldWriteNothingWhenALinkLeadsNowhere() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("none"));

    CommandRun run = imported(trace, link, "--force");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).contains("a symbolic link to nothing");
    assertThat(files()).containsExactly("link", "malformed", "trace");
  }

  private static CommandRun imported(Path from, Path to, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("import", "heaptrack", from.toString(), "-o", to.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
