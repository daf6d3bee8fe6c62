package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check} as CI runs it: what fails it, how that is told, and what is refused. */
class CheckTest {
  @TempDir Path directory;

  private Path file;

  @BeforeEach
  void record() throws IOException {
    file = directory.resolve("leaky");
    LeakyRecording.write(file);
  }

  private CommandRun check(String... options) {
    List<String> all = new ArrayList<>(List.of("check", file.toString()));
    all.addAll(List.of(options));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private Path suppressions(String text) throws IOException {
    return Files.writeString(directory.resolve("known"), text);
  }

  private static List<String> leaks(CommandRun check) {
    return check.outLines().stream().filter(line -> line.contains("(leaking")).toList();
  }

  @Test
  void shouldFailOnLeaksThatAreSoSureOnly() {
    assertThat(leaks(check("--fail-on", "leaking"))).hasSize(3);
    assertThat(leaks(check("--fail-on", "leaking:0"))).hasSize(3);
    CommandRun sure = check("--fail-on", "leaking:0.9");
    assertThat(sure.exitCode()).isEqualTo(ExitCodes.CONDITION_MET);
    assertThat(leaks(sure)).singleElement().asString().endsWith("(leaking 0.95)");
    assertThat(leaks(check("--fail-on", "leaking:0.95"))).hasSize(1);
  }

  @Test
  void shouldRefuseAConditionThatIsNoneOrNeverMet() {
    for (String condition :
        new String[] {"", "leak", "leaking:", "leaking:x", "leaking:-0.1", "leaking:NaN"}) {
      CommandRun refused = check("--fail-on", condition);
      assertThat(refused.exitCode()).as(condition).isEqualTo(ExitCodes.USAGE);
      assertThat(refused.err()).as(condition).contains("write leaking or leaking:0.9");
    }
    for (String condition : new String[] {"leaking:0.96", "leaking:1", "leaking:90"}) {
      CommandRun refused = check("--fail-on", condition);
      assertThat(refused.exitCode()).as(condition).isEqualTo(ExitCodes.USAGE);
      assertThat(refused.err()).as(condition).contains("no leak is surer than 0.95");
    }
  }

  @Test
  void shouldRefuseToCheckMoreMomentsThanOne() {
    CommandRun refused = check("--interval", "1s");
    assertThat(refused.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .isEqualTo("unfreed: check is about one moment: it does not take --interval\n");
  }

  @Test
  void shouldSayWhoseLeakItIsOnceForEachProcessThatFails() throws IOException {
    Path several = directory.resolve("several");
    new ProcessesRecording("several")
        .process(100, "small", 1, 9, 8)
        .process(101, "large", 2, 9, 4000, 4000)
        .process(102, "larger", 3, 9, 9000)
        .write(several);

    CommandRun check =
        CommandRun.of("check", several.toString(), file.toString(), "--max-outstanding", "1k");

    assertThat(check.exitCode()).isEqualTo(ExitCodes.CONDITION_MET);
    assertThat(check.outLines().stream().filter(line -> line.startsWith("[")))
        .map(line -> line.replaceFirst("^\\[[^]]*] ", ""))
        .containsExactly("process 101: large", "process 102: larger", "process 7: /bin/leaky");
    assertThat(check.out())
        .contains(
            "process 101: large\n8000 bytes are outstanding, more than 1024\n",
            "process 102: larger\n9000 bytes are outstanding, more than 1024\n",
            "12569200 bytes are outstanding, more than 1024\n");
  }

  @Test
  void shouldSayThatTheBytesOfTheKernelAreNotChecked() throws IOException {
    Path kernel = directory.resolve("kernel");
    LaneRecording.write(kernel, "kernel", 1, LaneRecording.Ends.ALL_CLOSED);

    CommandRun check = CommandRun.done("check", kernel.toString(), "--max-outstanding", "1");

    assertThat(check.out()).isEmpty();
    assertThat(check.err())
        .contains("--max-outstanding is not checked: the kernel's address spaces overlap");
    assertThat(CommandRun.done("check", kernel.toString()).err()).doesNotContain("not checked");
  }

  @Test
  void shouldPassWhenAllIsSuppressedAndCountNoneOfItsBytes() throws IOException {
    Path known = suppressions("leak:*\n");

    CommandRun check =
        check("--suppressions", known.toString(), "--max-outstanding", "0", "--fail-on", "leaking");

    assertThat(check.exitCode()).as(check.err()).isZero();
    assertThat(check.out()).isEmpty();
    assertThat(check.errLines()).containsExactly("unfreed: 63 stacks are suppressed");
  }

  @Test
  void shouldTakeLinesOfOtherSystemsAndEncodings() throws IOException {
    String bom = "\uFEFF";
    for (String text :
        List.of(
            "# from Windows\r\n\r\nleak:prefetch\r\nleak:conn_open  \r\n\tleak:buffer\r\n",
            bom + "leak:prefetch\nleak:prefetch\nleak:conn_\nleak:^buf*er$",
            "  # indented comment\nleak:^prefetch$\nleak:leaky\n")) {
      CommandRun check = check("--suppressions", suppressions(text).toString());
      assertThat(check.exitCode()).as(text + check.out()).isZero();
      assertThat(check.err()).as(text).doesNotContain("matches nothing");
    }
    Path latin = directory.resolve("latin");
    Files.write(latin, "# gr\u00FC\u00DFe\nleak:leaky\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(check("--suppressions", latin.toString()).exitCode()).isZero();
  }

  @Test
  void shouldNameEachLineThatMatchesNothing() throws IOException {
    Path known = suppressions("leak:nowhere\nleak:^pre\nleak:^open\nleak:conn_open # known\n");

    CommandRun check = check("--suppressions", known.toString());

    assertThat(leaks(check)).hasSize(2);
    assertThat(check.errLines())
        .containsExactly(
            "unfreed: 1 stacks are suppressed",
            "unfreed: " + known + ": leak:nowhere matches nothing",
            "unfreed: " + known + ": leak:^open matches nothing",
            "unfreed: " + known + ": leak:conn_open # known matches nothing");
  }

  @Test
  void shouldRefuseSuppressionsThatCannotBeReadInOneLine() throws IOException {
    for (String text : List.of("leak:", "leak:  \n", "race:x", "conn_open", "Leak:x", "leak :x")) {
      refused(suppressions("leak:a\n" + text), ":2: not of the form leak:PATTERN: ");
    }
    refused(directory.resolve("missing"), ": cannot read: no such file or directory");
    refused(directory, ": cannot read: Is a directory");
  }

  private void refused(Path known, String why) {
    for (String command : new String[] {"check", "report"}) {
      CommandRun run = CommandRun.of(command, file.toString(), "--suppressions", known.toString());
      assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.out()).isEmpty();
      assertThat(run.errLines()).singleElement().asString().startsWith("unfreed: " + known + why);
    }
  }
}
