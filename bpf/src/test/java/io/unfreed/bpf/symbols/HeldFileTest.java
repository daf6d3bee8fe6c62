package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFileTest {
  private static final long MANY = 1 << 20;

  @TempDir Path directory;

  @Test
  void shouldNotMindThatItsFileIsReplaced() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "one");
    try (HeldFile held = HeldFile.of(file, MANY)) {
      replace(file);
      assertThat(held.hasChanged()).isFalse();
    }
  }

  /** It cannot tell what became of the file that it was. */
  @Test
  void shouldCountAReplacedFileAsChangedWhenThereAreNoDescriptorsForIt() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "one");
    try (HeldFile held = HeldFile.of(file, 0)) {
      assertThat(held.hasChanged()).isFalse();
      replace(file);
      assertThat(held.hasChanged()).isTrue();
    }
  }

  private void replace(Path file) throws Exception {
    Path other = Files.writeString(directory.resolve("other"), "two");
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void shouldSeeThatItWasWrittenTo() throws Exception {
    for (long most : new long[] {0, MANY}) {
      Path file = Files.writeString(directory.resolve("file" + most), "one");
      try (HeldFile held = HeldFile.of(file, most)) {
        Files.writeString(file, "longer");
        assertThat(held.hasChanged()).isTrue();
      }
    }
  }
}
