package io.unfreed.bpf.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How it does in other locales is seen in commands that are recorded there. */
class NativePathTest {
  @Test
  void shouldSpellBytes(@TempDir Path directory) throws Exception {
    String name = directory + "/k\u00e4se %41#?.so";
    Path made = Files.createFile(NativePath.ofBytes(name.getBytes(StandardCharsets.UTF_8)));

    assertThat(NativePath.of(name)).exists().isEqualTo(made);
    assertThat(NativePath.text(made)).isEqualTo(name);
  }

  @Test
  void shouldTakeAnyText() {
    assertThat(NativePath.of("k\udce4se")).doesNotExist().isRelative();
    assertThat(NativePath.of("a/b")).hasToString("a/b");
    assertThat(NativePath.ofBytes("a/b".getBytes(StandardCharsets.UTF_8))).hasToString("a/b");
    assertThat(NativePath.of("/")).hasToString("/");
    assertThat(NativePath.of("")).hasToString("");
    assertThat(NativePath.text(Path.of("/usr"))).isEqualTo("/usr");
  }
}
