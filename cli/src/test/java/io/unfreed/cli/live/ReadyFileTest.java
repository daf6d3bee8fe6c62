package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.query.FailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyFileTest {
  private static final String SESSION = "0198f3c2-7e11-7abc-8def-0123456789ab";

  @TempDir Path directory;

  @Test
  void shouldHoldOneLineAndLeaveNothingBesideWhenWritten() throws Exception {
    Path file = directory.resolve("ready");
    ReadyFile ready = ReadyFile.at(file);
    assertThat(file).doesNotExist();

    ready.write(SESSION, List.of(12, 3456));

    assertThat(file).hasContent(SESSION + " 12 3456\n");
    assertThat(directory).isDirectoryContaining(file::equals);
    assertThat(list()).containsExactly(file);
  }

  @Test
  void shouldRemoveTheFileOfAnEarlierRecordingBeforeItBegins() throws Exception {
    Path file = directory.resolve("ready");
    ReadyFile.at(file).write(SESSION, List.of(0));

    ReadyFile next = ReadyFile.at(file);

    assertThat(file).doesNotExist();
    next.write(SESSION, List.of(7));
    assertThat(file).hasContent(SESSION + " 7\n");
  }

  @Test
  void shouldReplaceAnEmptyFileOnlyWhenRecordingHasBegun() throws Exception {
    Path file = Files.createFile(directory.resolve("ready"));

    ReadyFile ready = ReadyFile.at(file);

    assertThat(file).isEmptyFile();
    ready.write(SESSION, List.of(7));
    assertThat(file).hasContent(SESSION + " 7\n");
  }

  @Test
  void shouldRefuseAFileThatHoldsSomethingElse() throws Exception {
    Path file = Files.writeString(directory.resolve("precious"), SESSION + " 7\nand more\n");
    refused(file, "--ready " + file + ": not written: it exists and is no ready file");
    assertThat(file).hasContent(SESSION + " 7\nand more\n");

    Path large = Files.write(directory.resolve("large"), new byte[1 << 17]);
    refused(large, "--ready " + large + ": not written: it exists and is no ready file");
    assertThat(large).hasSize(1 << 17);
  }

  @Test
  void shouldRefuseWhatIsNoRegularFile() throws Exception {
    refused(directory, "--ready " + directory + ": not written: it exists and is no regular file");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("target"));
    refused(link, "--ready " + link + ": not written: it exists and is no regular file");
    assertThat(link).isSymbolicLink();
    refused(Path.of("/"), "--ready /: not written: it is a directory");
  }

  @Test
  void shouldRefuseADirectoryThatIsMissing() {
    Path file = directory.resolve("none").resolve("ready");
    refused(file, "--ready " + file + ": not written: there is no directory " + file.getParent());
  }

  @Test
  void shouldSayWhyAndLeaveNothingWhenItsDirectoryIsGoneByThen() throws Exception {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    ReadyFile ready = ReadyFile.at(inside.resolve("ready"));
    Files.delete(inside);

    assertThatThrownBy(() -> ready.write(SESSION, List.of(1)))
        .isInstanceOf(FailedException.class)
        .hasMessage("--ready " + inside.resolve("ready") + ": not written: its directory is gone");
    assertThat(list()).isEmpty();
  }

  private static void refused(Path file, String line) {
    assertThatThrownBy(() -> ReadyFile.at(file))
        .isInstanceOf(FailedException.class)
        .hasMessage(line);
  }

  private List<Path> list() throws IOException {
    try (var files = Files.list(directory)) {
      return files.toList();
    }
  }
}
