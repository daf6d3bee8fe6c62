package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not what another one of their path or number was. */
class ObjectSymbolCacheTest {
  private static final String WAITS =
      """
      #include <stdio.h>
      int NAME(void) { return getchar(); }
      int main(void) { puts("ready"); fflush(stdout); return NAME() == 'x'; }
      """;

  @TempDir Path dir;

  @Test
  void shouldHaveTheNewProgramWhenItIsWrittenIntoTheSameFile() throws Exception {
    Path first = compile("first");
    Path second = compile("second");
    Path runs = Files.copy(first, dir.resolve("runs"));
    String ofFirst = buildId(first);
    String ofSecond = buildId(second);

    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      assertThat(held(cache, runs)).isEqualTo(ofFirst);
      Files.write(runs, Files.readAllBytes(second));
      assertThat(held(cache, runs)).isEqualTo(ofSecond);
    }
  }

  @Test
  void shouldNameAProgramThatTellsItsCodeWhenItsFileWasReplaced() throws Exception {
    Path runs = compile("first");
    String buildId = buildId(runs);
    long address = function(runs, "first");

    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      run(
          List.of(runs.toString()),
          tgid -> {
            Files.move(compile("second"), runs, StandardCopyOption.REPLACE_EXISTING);
            assertThat(cache.locate(runs.toString(), buildId, tgid, address).names())
                .extracting(SourceFrame::symbol)
                .containsExactly("first");
          });
    }
  }

  /** Two containers made the same way. */
  @Test
  @Tag("kernel")
  void shouldTellFilesOfOnePathAndNumberApartWhenTheyAreInOtherMountNamespaces() throws Exception {
    CompiledC.skipUnless(BpfPermissionException.missingCapabilities().isEmpty(), "not root");
    CompiledC.assumeTool("unshare");
    Path first = compile("first");
    Path second = compile("second");
    Path place = Files.createDirectory(dir.resolve("place"));
    String start = "mount -t tmpfs none %1$s && cp $0 %1$s/runs && exec %1$s/runs".formatted(place);

    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      run(
          List.of("unshare", "-m", "sh", "-c", start, first.toString()),
          one ->
              run(
                  List.of("unshare", "-m", "sh", "-c", start, second.toString()),
                  other -> {
                    MappedObject ofOne = mapped(one, place.resolve("runs"));
                    MappedObject ofOther = mapped(other, place.resolve("runs"));
                    CompiledC.skipUnless(ofOne.inode() == ofOther.inode(), "other inode numbers");
                    assertThat(cache.hold(ofOne).elf().buildId()).contains(buildId(first));
                    assertThat(cache.hold(ofOther).elf().buildId()).contains(buildId(second));
                    assertThat(cache.hold(ofOne)).isSameAs(cache.hold(ofOne));
                  }));
    }
  }

  private interface With {
    void process(int tgid) throws Exception;
  }

  private static void run(List<String> command, With with) throws Exception {
    Process process = new ProcessBuilder(command).start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      with.process((int) process.pid());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static String held(ObjectSymbolCache cache, Path program) throws Exception {
    String[] buildId = new String[1];
    run(
        List.of(program.toString()),
        tgid -> buildId[0] = cache.hold(mapped(tgid, program)).elf().buildId().orElseThrow());
    return buildId[0];
  }

  private static MappedObject mapped(int tgid, Path program) throws IOException {
    return ProcessMaps.read(tgid).objects().stream()
        .filter(object -> object.path().equals(program.toString()))
        .findFirst()
        .orElseThrow();
  }

  private Path compile(String name) throws IOException {
    return CompiledC.compile(dir, name + ".c", WAITS, "-DNAME=" + name, "-Wl,--build-id");
  }

  private static String buildId(Path file) throws IOException {
    try (ElfFile elf = ElfFile.open(file)) {
      return elf.buildId().orElseThrow();
    }
  }

  private static long function(Path file, String name) throws IOException {
    try (ElfFile elf = ElfFile.open(file)) {
      return elf.functions().stream()
          .filter(function -> function.name().equals(name))
          .findFirst()
          .orElseThrow()
          .vaddr();
    }
  }
}
