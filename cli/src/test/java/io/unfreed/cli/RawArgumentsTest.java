package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File names that the locale cannot say, or nobody. */
class RawArgumentsTest {
  /** In a directory with such a name runs a command with such a name behind its arguments. */
  private static final String SCRIPT =
      "there=$(printf 'd\\351') && mkdir -p \"$there\" && cd \"$there\" && \"$@\" \"$(printf 'caf\\351.\\303\\251')\"";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void shouldFindTheFileWhenItsNameIsNoTextOfTheLocale(String locale) throws Exception {
    String trace =
        RecordingManifest.REPLAY_DATA.resolve("perl-cycle.raw.zst").toAbsolutePath().toString();

    assertThat(run(locale, "report").err())
        .startsWith("unfreed: ")
        .contains("cannot be read: no such file")
        .doesNotContain("Invalid value");
    ProcessRun imported = run(locale, "import", "heaptrack", trace, "-o");
    assertThat(imported.exitCode()).as(imported.err()).isZero();
    ProcessRun report = run(locale, "report", "--top", "1");
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(directory.resolve("stdout")).content().contains("outstanding");
  }

  @Test
  void shouldRefuseADirectoryWhenKafkaWouldOpenAnother() throws Exception {
    String capture =
        RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toAbsolutePath().toString();

    ProcessRun run = run("C.UTF-8", "replay", capture, "--data-dir");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).startsWith("unfreed: --data-dir ").contains("caf").hasLineCount(1);
    assertThat(directory.resolve("stdout")).isEmptyFile();
  }

  @Test
  void shouldWriteDigitsThatProgramsReadWhenTheLocaleHasOthers() throws Exception {
    Path out = directory.resolve("stdout");
    List<String> arabic = List.of("env", "JDK_JAVA_OPTIONS=-Duser.language=ar -Duser.country=EG");
    String capture = RecordingManifest.REPLAY_DATA.resolve("perl-cycle.capture").toString();

    ProcessRun run = ProcessRun.of(directory, out, arabic, "report", capture, "--top", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(out).content().contains("Top 1 stacks").containsPattern("seen: [0-9]+ allocations");
  }

  private ProcessRun run(String locale, String... arguments) throws Exception {
    List<String> inside =
        List.of("env", "-C", "" + directory, "LC_ALL=" + locale, "sh", "-c", SCRIPT, "sh");
    return ProcessRun.of(directory, directory.resolve("stdout"), inside, arguments);
  }

  @Test
  void shouldGiveEveryByteBackWhenAnArgumentIsNoUtf8() {
    byte[] name = new byte[0xff];
    for (int i = 0; i < name.length; i++) {
      name[i] = (byte) (i + 1);
    }

    assertThat(RawArguments.encode(RawArguments.decode(name))).isEqualTo(name);
  }

  @Test
  void shouldReadOnlyThoseAgainWhoseCharactersAreLost() {
    byte[] line = "java\0-cp\0x\0report\0caf\u00e9\0\0".getBytes(StandardCharsets.UTF_8);
    String[] decoded = {"report", "caf\ufffd\ufffd", ""};

    assertThat(RawArguments.of(decoded, line, StandardCharsets.US_ASCII))
        .containsExactly("report", "caf\u00e9", "");
  }

  @Test
  void shouldKeepWhatJavaDecodedWhenTheCommandLineSaysSomethingElse() {
    byte[] line = "java\0@file\0".getBytes(StandardCharsets.UTF_8);
    String[] decoded = {"report", "caf\ufffd"};

    assertThat(RawArguments.of(decoded, line, StandardCharsets.US_ASCII)).isEqualTo(decoded);
  }
}
