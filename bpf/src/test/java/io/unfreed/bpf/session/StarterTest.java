package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unfreed.bpf.ffi.SpawnedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StarterTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldExecTheCommandInItsOwnProcessWhenTheGateOpens(boolean program) throws Exception {
    Path out = directory.resolve("out");
    String script = "echo $$ \"$UNFREED_GIVEN\" \"$1\" > '" + out + "'; exit 7";
    SpawnedProcess process =
        start(
            program,
            List.of("sh", "-c", script, "sh", "a=b --"),
            Map.of("UNFREED_GIVEN", "1 \"2$"));
    assertThat(out).doesNotExist();

    process.openGate();

    assertThat(process.waitFor()).isEqualTo(7);
    assertThat(out).hasContent(process.pid() + " 1 \"2$ a=b --\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldNeverStartTheCommandWhenTheGateCloses(boolean program) throws Exception {
    Path out = directory.resolve("out");
    SpawnedProcess process = start(program, List.of("touch", out.toString()), Map.of());

    process.closeGate();

    assertThat(process.waitFor()).isEqualTo(125);
    assertThat(Files.exists(out)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldEndAsAShellDoesWhenTheCommandCannotBeRun(boolean program) throws Exception {
    SpawnedProcess process = start(program, List.of(directory.toString()), Map.of());

    process.openGate();

    assertThat(process.waitFor()).isEqualTo(126);
  }

  @Test
  void shouldLeaveNoFileWheneverTheRecorderIsKilled() throws Exception {
    SpawnedProcess process = start(true, List.of("true"), Map.of());
    Path program = Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/exe"));
    process.closeGate();
    process.waitFor();

    assertThat(program.toString()).startsWith("/memfd:start");
  }

  private static SpawnedProcess start(
      boolean program, List<String> command, Map<String, String> environment) throws IOException {
    if (!program) {
      return StarterShell.start(command, environment);
    }
    assumeTrue(StarterProgram.class.getResource("/io/unfreed/bpf/start") != null, "no C compiler");
    return StarterProgram.start(command, environment).orElseThrow();
  }
}
