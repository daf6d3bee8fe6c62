package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandObjectsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/bin/sh -u",
        "/usr/bin/env sh",
        "/usr/bin/env -S sh -u",
        "/usr/bin/env -Ssh -u",
        "/usr/bin/env -vS sh -c true",
        "/usr/bin/env --split-string=sh -u",
        "/usr/bin/env -S -i -u HOME A=b PATH=/bin sh -u x=y",
      })
  void shouldFindAScriptsInterpreter(String line) throws Exception {
    Path script = Files.writeString(directory.resolve("script"), "#!" + line + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();

    assertThat(CommandObjects.of(script.toString()).files().getFirst())
        .asString()
        .endsWith("/bin/sh");
  }
}
