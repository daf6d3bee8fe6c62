package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.elf.ElfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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
            assertThat(cache.locate(runs.toString(), buildId, now(tgid), address).names())
                .extracting(SourceFrame::symbol)
                .containsExactly("first");
          });
    }
  }

  /** Nothing but the process itself tells which of the two its file is. */
  @Test
  void shouldNotTakeAnotherProgramForAReplacedOneWhenNeitherHasABuildId() throws Exception {
    Path runs = compile("first", "-Wl,--build-id=none");
    long address = function(runs, "first");

    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      Teller[] teller = new Teller[1];
      run(
          List.of(runs.toString()),
          tgid -> {
            teller[0] = now(tgid);
            replace(runs, "second");
            assertThat(symbol(cache, runs, teller[0], address)).isEqualTo("first");
            run(
                List.of(runs.toString()),
                other -> assertThat(symbol(cache, runs, now(other), address)).isEqualTo("second"));
          });
      assertThat(symbol(cache, runs, teller[0], address)).as("known").isEqualTo("first");
    }
    try (ObjectSymbolCache cache = new ObjectSymbolCache()) {
      Teller gone = new Teller(0x7fffffff, FileTime.fromMillis(0));
      assertThat(symbol(cache, runs, gone, address)).isNull();
      Teller later = now(0x7fffffff);
      assertThat(symbol(cache, runs, later, address)).isEqualTo("second");
    }
  }

  private static String symbol(ObjectSymbolCache cache, Path file, Teller teller, long address) {
    List<SourceFrame> names = cache.locate(file.toString(), null, teller, address).names();
    return names.isEmpty() ? null : names.getFirst().symbol();
  }

  private void replace(Path file, String by) throws IOException {
    Path made = compile(by, "-Wl,--build-id=none");
    Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What begins now: the file system's clock may be a tick behind. */
  private static Teller now(int tgid) {
    return new Teller(tgid, FileTime.from(Instant.now()));
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
    return compile(name, "-Wl,--build-id");
  }

  private Path compile(String name, String id) throws IOException {
    return CompiledC.compile(dir, name + ".c", WAITS, "-DNAME=" + name, id);
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
