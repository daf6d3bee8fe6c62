package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.elf.ElfFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that run on while their file is replaced, as by an upgrade, or removed. */
class ToldObjectTest {
  private static final Path PROGRAM = Path.of("/bin/sleep");
  private static final Path OTHER = Path.of("/bin/cat");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReadWhatIsStillMapped(boolean replaced) throws Exception {
    Path file = directory.resolve("program");
    Files.copy(PROGRAM, file, StandardCopyOption.COPY_ATTRIBUTES);
    String buildId;
    try (ElfFile elf = ElfFile.open(file)) {
      buildId = elf.buildId().orElse(null);
    }
    Process process = new ProcessBuilder(file.toString(), "1000").start();
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      Files.delete(file);
      if (replaced) {
        Files.copy(OTHER, file);
      }

      CodeLocation at = cache.locate(file + " (deleted)", buildId, (int) process.pid(), 0x2000);

      assertThat(at.module()).isEqualTo(file.toString());
      assertThat(at.symbols()).isNotNull();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void shouldHaveNoNamesOfAProcessThatIsGone() throws Exception {
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      CodeLocation at = cache.locate("/no/such (deleted)", null, 0x3fffff, 0x2000);

      assertThat(at.module()).isEqualTo("/no/such");
      assertThat(at.symbols()).isNull();
    }
  }
}
