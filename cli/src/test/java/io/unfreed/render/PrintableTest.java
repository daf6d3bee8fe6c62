package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.cli.CommandRun;
import io.unfreed.cli.ProcessesRecording;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program calls itself is printed in its line and steers nothing. */
class PrintableTest {
  private static final String FORGED =
      "tool\n[11:45:22] Top 0 stacks\r\u001b[2J\u009b2J\u0085\u2028\u202e";
  private static final String SHOWN =
      "tool\\n[11:45:22] Top 0 stacks\\r\\x1b[2J\\x9b2J\\x85\\u2028\\u202e";

  @TempDir Path directory;

  @Test
  void shouldLeaveATextWhenNothingInItControls() {
    String text = "/usr/bin/x -a \\n 'käse' \uD83D\uDE00";

    assertThat(Printable.of(text)).isSameAs(text);
  }

  @Test
  void shouldWriteAControlCharacterByItsNumber() {
    assertThat(Printable.of(FORGED)).isEqualTo(SHOWN);
    assertThat(Printable.of("a\uD83Db")).isEqualTo("a\\ud83db");
  }

  @Test
  void shouldWriteTheSameJsonWhenItsTextsControlTheTerminal() throws IOException {
    Path file = directory.resolve("forged");
    String text = "\u007f\u009b2J\u2028\u202e\uDB40\uDC01";
    new ProcessesRecording("forged").process(100, text, 1, 9, 8).write(file);

    CommandRun run = CommandRun.of("report", file.toString(), "--format", "json");

    assertThat(run.out()).contains("\"command\":\"\\u007f\\u009b2J\\u2028\\u202e\\udb40\\udc01\"");
    assertThat(new ObjectMapper().readTree(run.out()).at("/process/command").asText())
        .isEqualTo(text);
  }

  @Test
  void shouldPrintOneLineWhenTheCommandLineHasSeveral() throws IOException {
    Path file = directory.resolve("forged");
    new ProcessesRecording("forged").process(100, FORGED, 1, 9, 8).write(file);

    CommandRun run = CommandRun.of("report", file.toString());

    assertThat(run.outLines()).contains("    process 100: " + SHOWN);
    assertThat(run.out().replace("\n", "").chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void shouldPrintOneLineWhenManyProcessesAreSummedUp() throws IOException {
    Path file = directory.resolve("many");
    ProcessesRecording recording = new ProcessesRecording("many");
    for (int tgid = 1; tgid < 20; tgid++) {
      recording.process(tgid, "/bin/\u001b[2J" + tgid, 1, 9, 8);
    }
    recording.write(file);

    CommandRun run = CommandRun.of("report", file.toString());

    assertThat(run.out()).contains("\\x1b[2J7");
    assertThat(run.out().replace("\n", "").chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void shouldPrintOneLineWhenAFrameHasSeveral() {
    Frame frame =
        Frame.newBuilder().setSymbol("f\ng").setModule("/a/m\u001b").setFile("x\r.c").build();

    assertThat(FrameText.of(frame)).isEqualTo("f\\ng [m\\x1b]  x\\r.c");
  }

  @Test
  void shouldSayOneLineWhenTheNameOfADamagedFileHasSeveral() throws IOException {
    Path file = directory.resolve("a\nb\u001b");
    new ProcessesRecording("open").process(100, "tool", 1, 9, 8).write(file);

    CommandRun damaged = CommandRun.of("report", file.toString());
    assertThat(damaged.errLines()).hasSize(1);
    assertThat(damaged.err()).contains("a\\nb\\x1b: damaged");

    Files.writeString(file, "no recording\n");
    CommandRun refused = CommandRun.of("report", file.toString());
    assertThat(refused.errLines()).hasSize(1);
    assertThat(refused.err()).contains("\\x1b");
  }
}
