package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.Frame;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuppressionsTest {
  @TempDir private Path directory;

  private Suppressions read(String... lines) throws Exception {
    return Suppressions.read(Files.write(directory.resolve("suppressions"), List.of(lines)));
  }

  private static List<Frame> stack(String function, String file, String module) {
    return List.of(Frame.newBuilder().setSymbol(function).setFile(file).setModule(module).build());
  }

  @Test
  void shouldMatchFunctionFileAndModuleWhenThePatternIsFoundInThem() throws Exception {
    for (String line :
        new String[] {"leak:conn_", "leak:net.c", "leak:libnet", "leak:^conn*pen$"}) {
      assertThat(read(line).matches(stack("conn_open", "src/net.c", "/lib/libnet.so")))
          .as(line)
          .isTrue();
    }
    assertThat(read("leak:^open").matches(stack("conn_open", null, null))).isFalse();
    assertThat(read("leak:c.nn").matches(stack("conn_open", null, null))).isFalse();
  }

  @Test
  void shouldNameWhatMatchedNothingWhenAskedForUnusedLines() throws Exception {
    Suppressions suppressions = read("# known", "", "leak:conn_open", "leak:other");

    assertThat(suppressions.matches(stack("conn_open", null, null))).isTrue();
    assertThat(suppressions.unused()).containsExactly("leak:other");
  }

  @Test
  void shouldNameTheLineWhenItIsNoSuppression() {
    assertThatThrownBy(() -> read("leak:a", "race:b"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("suppressions:2:");
  }
}
