package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.elf.ElfFile;
import io.unfreed.bpf.elf.ElfSymbol;
import io.unfreed.bpf.ffi.NativeLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectSymbolsTest {
  private static final String SOURCE =
      """
      #include <stdlib.h>
      static inline __attribute__((always_inline)) char *innermost(int n) {
        return malloc(n);
      }
      static inline __attribute__((always_inline)) char *middle(int n) {
        return innermost(n * 3);
      }
      __attribute__((noinline)) char *outer(int n) {
        char *p = middle(n);
        p[0] = 1;
        return p;
      }
      int main(int argc, char **argv) {
        (void)argv;
        return outer(argc)[0];
      }
      """;

  @TempDir Path dir;

  @Test
  void shouldNameEveryInlinedCallInnermostFirst() throws IOException {
    CompiledC.assumeLibrary(NativeLibraries.libdw(), "libdw.so.1");
    Path program = CompiledC.compile(dir, "inlined.c", SOURCE, "-g", "-O1");
    try (ObjectSymbols symbols = ObjectSymbols.open(program)) {
      List<SourceFrame> frames = framesOfInlinedCall(symbols, function(program, "outer"));

      assertThat(symbols.limitation()).isEmpty();
      assertThat(frames)
          .extracting(SourceFrame::symbol)
          .containsExactly("innermost", "middle", "outer");
      assertThat(frames).extracting(SourceFrame::line).containsExactly(3, 6, 9);
      assertThat(frames).extracting(SourceFrame::inlined).containsExactly(true, true, false);
      assertThat(frames).allSatisfy(f -> assertThat(f.file()).endsWith("inlined.c"));
      assertThat(frames.get(2).offsetBytes()).isPositive();
      assertThat(frames.get(0).offsetBytes()).isNull();
    }
  }

  @Test
  void shouldGiveNamesOnlyAndSayWhyWithoutLibdw() throws IOException {
    Path program = CompiledC.compile(dir, "plain.c", SOURCE, "-g", "-O1");
    ElfSymbol outer = function(program, "outer");
    try (ObjectSymbols symbols = ObjectSymbols.open(program, false)) {
      assertThat(symbols.limitation()).get().asString().contains("libdw");
      assertThat(symbols.lookup(outer.vaddr() + 4))
          .containsExactly(new SourceFrame("outer", 4L, null, null, false));
      assertThat(symbols.lookup(1)).isEmpty();
    }
  }

  /** With libdw, which maps files, a SIGBUS that ends the JVM. */
  @Test
  void shouldSayNothingMoreWhenSomebodyHasWrittenIntoTheFile() throws IOException {
    Path program = CompiledC.compile(dir, "written.c", SOURCE, "-g", "-O1");
    ElfSymbol outer = function(program, "outer");
    try (ObjectSymbols symbols = ObjectSymbols.open(program)) {
      Files.write(program, new byte[100]);

      assertThat(symbols.lookup(outer.vaddr() + 4)).isEmpty();
    }
  }

  @Test
  void shouldFindTheSameBuildIdAsReadelfWhenTheLinkerRecordedOne() throws IOException {
    Path program = CompiledC.compile(dir, "id.c", SOURCE, "-Wl,--build-id=0x0123456789abcdef");
    try (ObjectSymbols symbols = ObjectSymbols.open(program)) {
      assertThat(symbols.buildId()).contains("0123456789abcdef");
    }
  }

  @Test
  void shouldReadASeparateDebugFileWhenTheObjectIsStripped() throws IOException {
    CompiledC.assumeLibrary(NativeLibraries.libdw(), "libdw.so.1");
    Path program = CompiledC.compile(dir, "stripped.c", SOURCE, "-g", "-O1");
    ElfSymbol outer = function(program, "outer");
    CompiledC.run(dir, "objcopy", "--only-keep-debug", program.toString(), program + ".debug");
    CompiledC.run(
        dir,
        "objcopy",
        "--strip-all",
        "--add-gnu-debuglink=" + program + ".debug",
        program.toString());
    try (ObjectSymbols symbols = ObjectSymbols.open(program)) {
      List<SourceFrame> frames = symbols.lookup(outer.vaddr());
      assertThat(frames.getLast().symbol()).isEqualTo("outer");
      assertThat(frames.getLast().line()).isEqualTo(8);
    }
  }

  @Test
  void shouldNameTheFileWhenItIsNotElf() throws IOException {
    Path text = Files.writeString(dir.resolve("text"), "no ELF");
    assertThatThrownBy(() -> ObjectSymbols.open(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(text.toString());
  }

  private static ElfSymbol function(Path program, String name) throws IOException {
    try (ElfFile elf = ElfFile.open(program)) {
      return elf.functions().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }
  }

  /** The first address of a function that three frames cover: the inlined malloc call. */
  private static List<SourceFrame> framesOfInlinedCall(ObjectSymbols symbols, ElfSymbol function) {
    for (long at = function.vaddr(); at < function.vaddr() + function.sizeBytes(); at++) {
      List<SourceFrame> frames = symbols.lookup(at);
      if (frames.size() == 3) {
        return frames;
      }
    }
    throw new AssertionError("no address of " + function + " has two inlined calls");
  }
}
