package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.bpf.ffi.NativePath;
import io.unfreed.bpf.session.LaunchedCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code record -- CMD}, in a process of its own, whatever sees its calls. */
abstract class RecordedCommandCases {
  @TempDir Path directory;

  private final String probe;

  RecordedCommandCases(String probe) {
    this.probe = probe;
  }

  /** The recorder, told what is to see the calls. */
  UnfreedProcess record(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("record", "--probe", probe));
    all.addAll(List.of(arguments));
    return new UnfreedProcess(all.toArray(String[]::new));
  }

  @Test
  void shouldRecordACommandThroughItsExecAndPassItsStreams() throws Exception {
    String file = directory.resolve("exec.capture").toString();
    try (UnfreedProcess run =
        record("-o", file, "--", KernelHost.program("alloc"), "exec", "--now")) {
      assertThat(run.await()).isZero();
      assertThat(run.out()).startsWith("before alloc=43 alloc_bytes=2021\nexpect alloc=101 ");
      assertThat(run.err()).isEmpty();
    }
    JsonNode report =
        KernelHost.reports("report", file, "--format", "json", "--top", "0").getFirst();
    assertThat(report.at("/totals/allocations").asLong()).isEqualTo(43 + 101);
    assertThat(report.at("/totals/closedByExec").asLong()).isEqualTo(43);
    assertThat(report.at("/totals/outstandingBytes").asLong()).isEqualTo(48 * 13);
    assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    // A process may be gone before its command line can be read; then its short name stands.
    assertThat(report.at("/process/command").asText()).matches(".*alloc malloc --now|exe");
    assertThat(report.get("stacks")).hasSize(1);
    assertThat(report.at("/stacks/0/frames/0/symbol").asText()).isEqualTo("mode_malloc");
  }

  @Test
  void shouldEndWithTheCommandsStatus() throws Exception {
    assertThat(status("cat; exit 7")).isEqualTo(7);
    assertThat(status("kill -TERM $$")).isEqualTo(128 + 15);
  }

  private int status(String script) throws Exception {
    String file = directory.resolve("status.capture").toString();
    try (UnfreedProcess run = record("--force", "-o", file, "--", "sh", "-c", script)) {
      run.stdin("to the command\n");
      int status = run.await();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo(script.startsWith("cat") ? "to the command\n" : "");
      return status;
    }
  }

  @Test
  void shouldWriteTheReadyFileBeforeTheCommandRuns() throws Exception {
    Path file = directory.resolve("ready.capture");
    Path ready = directory.resolve("ready");
    String script = "cat '" + ready + "'; echo $$";
    try (UnfreedProcess run =
        record("-o", file.toString(), "--ready", ready.toString(), "--", "sh", "-c", script)) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).matches("[0-9a-f-]{36} (\\d+)\n\\1\n");
    }
    assertThat(ready).isNotEmptyFile();
  }

  @Test
  void shouldNotStartTheCommandWhenTheReadyFileCannotBeWritten() throws Exception {
    Path file = directory.resolve("unready.capture");
    Path ready = Files.writeString(directory.resolve("ready"), "precious");
    try (UnfreedProcess run =
        record("-o", file.toString(), "--ready", ready.toString(), "--", "echo", "ran")) {
      assertThat(run.await()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo(
              "unfreed: --ready " + ready + ": not written: it exists and is no ready file\n");
      assertThat(run.out()).isEmpty();
    }
    assertThat(ready).hasContent("precious");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldTellAnOwnFailureWhenTheCommandHasEnded() throws Exception {
    try (UnfreedProcess run =
        record("--force", "-o", "/dev/full", "--", KernelHost.program("alloc"), "storm", "--now")) {
      assertThat(run.await()).isEqualTo(125);
      assertThat(run.err().lines()).hasSize(1);
      assertThat(run.out()).startsWith("expect ");
    }
  }

  @Test
  void shouldGiveTheCommandItsArgumentsAsTheyAre() throws Exception {
    Path file = Files.writeString(directory.resolve("arguments"), "expanded");
    String output = directory.resolve("arguments.capture").toString();
    String[] arguments = {"@" + file, "@@x", "--", "-o", ""};
    try (UnfreedProcess run =
        record("-o", output, "--", "printf", "%s|", arguments[0], "@@x", "--", "-o", "")) {
      assertThat(run.await()).isZero();
      assertThat(run.out()).isEqualTo(String.join("|", arguments) + "|");
    }
  }

  /** Where LANG is not set, as in containers, file names are no texts to the JDK. */
  @Test
  void shouldNameWhatTheLocaleCannotSpell() throws Exception {
    Path program = NativePath.of(directory + "/k\u00e4se/alloc");
    Files.createDirectory(program.getParent());
    Files.copy(Path.of(KernelHost.program("alloc")), program, StandardCopyOption.COPY_ATTRIBUTES);
    String file = directory.resolve("locale.capture").toString();
    String[] arguments = {"record", "--probe", probe, "-o", file, "--"};
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("sh", "-c", "exec \"$0\"/k*se/alloc malloc --now", directory.toString()));
    List<String> before = List.of("env", "LC_ALL=C");
    try (UnfreedProcess run = new UnfreedProcess(before, Map.of(), all.toArray(String[]::new))) {
      assertThat(run.await()).as(run.err()).isZero();
      assertThat(run.err()).isEmpty();
    }
    JsonNode report = KernelHost.reports("report", file, "--format", "json").getFirst();
    assertThat(report.at("/stacks/0/frames").findValuesAsText("symbol")).contains("mode_malloc");
    assertThat(report.at("/stacks/0/frames").findValuesAsText("module"))
        .contains(NativePath.text(program));
  }

  @Test
  void shouldGiveTheCommandItsVariablesAsTheyAre() throws Exception {
    Assumptions.assumeTrue(
        LaunchedCommand.class.getResource("/io/unfreed/bpf/start") != null, "no C compiler");
    String file = directory.resolve("variables.capture").toString();
    List<String> odd = List.of("a.b=1", "x-y=2 3", "BASH_FUNC_f%%=() {  echo hi; }");
    List<String> shells =
        List.of("BASH_ENV=/none", "OLDPWD=/none", "PS4=z", "IFS=x", "OPTIND=q", "PPID=3", "_=x");
    List<String> bashs = List.of("SHELLOPTS=xtrace", "BASHOPTS=z", "TMOUT=1", "RANDOM=4", "go=5");
    List<String> variables = new ArrayList<>(List.of("LC_ALL=xx_YY.UTF-8"));
    List.of(odd, shells, bashs).forEach(variables::addAll);
    List<String> before = new ArrayList<>(List.of("env", "-u", "PWD", "-u", "SHLVL"));
    before.addAll(variables);
    String[] arguments = {"record", "--probe", probe, "-o", file, "--", "-env"};
    Files.createSymbolicLink(directory.resolve("-env"), Path.of("/usr/bin/env"));
    String path = directory + ":" + System.getenv("PATH");
    try (UnfreedProcess run = new UnfreedProcess(before, Map.of("PATH", path), arguments)) {
      assertThat(run.await()).isZero();
      assertThat(run.out().lines())
          .containsAll(variables)
          .noneMatch(line -> line.matches("(PWD|SHLVL)=.*"));
      assertThat(run.err()).isEmpty();
    }
  }
}
