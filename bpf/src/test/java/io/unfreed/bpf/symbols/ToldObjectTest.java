package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.elf.ElfFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that run on while their file is replaced, as by an upgrade, or removed. */
class ToldObjectTest {
  private static final Path PROGRAM = Path.of("/bin/sleep");
  private static final Path OTHER = Path.of("/bin/cat");

  /** Above the highest number that a process can have. */
  private static final long GONE = 0x7fffffff;

  @TempDir Path directory;

  private static Teller teller(long tgid) {
    return new Teller((int) tgid, FileTime.from(Instant.now()));
  }

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

      CodeLocation at = cache.locate(file + " (deleted)", buildId, teller(process.pid()), 0x2000);

      assertThat(at.module()).isEqualTo(file.toString());
      assertThat(at.symbols()).isNotNull();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The first one to tell of an object may be gone, or in a root that nobody enters any more. */
  @Test
  void shouldFindWhatAnotherProcessLeadsTo() throws Exception {
    Path file = directory.resolve("program");
    Files.copy(PROGRAM, file, StandardCopyOption.COPY_ATTRIBUTES);
    String buildId;
    try (ElfFile elf = ElfFile.open(file)) {
      buildId = elf.buildId().orElseThrow();
    }
    Process process = new ProcessBuilder(file.toString(), "1000").start();
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      Files.delete(file);
      String path = file.toString();

      assertThat(cache.locate(path, buildId, teller(GONE), 0x2000).symbols()).isNull();
      assertThat(cache.locate(path, buildId, teller(process.pid()), 0x2000).symbols()).isNotNull();
      assertThat(cache.locate(path, buildId, teller(GONE), 0x2000).symbols()).isNotNull();
    } finally {
      process.destroyForcibly();
    }
  }

  /** As a build makes and runs thousands of programs. */
  @Test
  void shouldCloseTheEldestWhenThereAreTooMany() throws Exception {
    Teller gone = teller(GONE);
    try (ObjectSymbolCache cache = new ObjectSymbolCache(2)) {
      CodeLocation first = cache.locate(PROGRAM.toString(), id(PROGRAM), gone, 0x2000);
      cache.locate(OTHER.toString(), id(OTHER), gone, 0x2000);
      cache.locate(PROGRAM.toString(), id(PROGRAM), gone, 0x2000);
      cache.locate("/bin/ls", id(Path.of("/bin/ls")), gone, 0x2000);
      assertThat(first.isStale()).as("asked for again").isFalse();

      cache.locate(OTHER.toString(), id(OTHER), gone, 0x2000);

      assertThat(first.isStale()).isTrue();
      assertThat(first.names()).isEmpty();
      CodeLocation again = cache.locate(PROGRAM.toString(), id(PROGRAM), gone, 0x2000);
      assertThat(again.isStale()).isFalse();
    }
  }

  private static String id(Path file) throws Exception {
    try (ElfFile elf = ElfFile.open(file)) {
      return elf.buildId().orElseThrow();
    }
  }

  @Test
  void shouldHaveNoNamesOfAProcessThatIsGone() throws Exception {
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      CodeLocation at = cache.locate("/no/such (deleted)", null, teller(GONE), 0x2000);

      assertThat(at.module()).isEqualTo("/no/such");
      assertThat(at.symbols()).isNull();
    }
  }
}
