package io.unfreed.bpf.unwind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.bpf.CompiledC;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules of whole files, against the recording library's own way to each of them. */
class TableBuilderTest {
  private static final Path SOURCES = Path.of("../shim/src/main/c").toAbsolutePath().normalize();

  @TempDir Path directory;

  @Test
  void shouldHaveTheRuleOfTheRecordingLibraryAtEveryAddress() throws IOException {
    Path compare = compile("compare_rules");
    List<String> command = new ArrayList<>(List.of(compare.toString()));
    realObjects().map(Path::toString).forEach(command::add);
    for (String line : run(command).split("\n")) {
      String[] told = line.split(" ");
      assertThat(Long.parseLong(told[1])).as(line).isGreaterThan(1000);
      assertThat(told[4]).as(line).isEqualTo("0");
    }
  }

  @Test
  void shouldEndAndTouchNothingElseWhenAFileIsDamaged() throws IOException {
    Path damage =
        compile("damage_rules", "-fsanitize=address,undefined", "-fno-sanitize=alignment");
    Path copy = directory.resolve("copy");
    String file = compile("compare_rules").toString();
    long built =
        Long.parseLong(run(List.of(damage.toString(), file, copy.toString(), "3000")).strip());
    assertThat(built).isPositive();
  }

  @Test
  void shouldFindTheRulesOfAStaticProgramWithoutSymbols() throws IOException {
    TableBuilder builder = builder();
    String source = "int main(void) { return 0; }\n";
    Path program = CompiledC.compile(directory, "static.c", source, "-static", "-s", "-O2");
    RuleTable table = builder.build(program, false);
    assertThat(table.functions()).isGreaterThan(500);
    assertThat(table.starts()).isSorted();
    assertThat(table.isEmpty()).isFalse();
  }

  @Test
  void shouldGoOnByFramePointersInWhatGoCompiled() throws IOException {
    TableBuilder builder = builder();
    String source =
        """
        __attribute__((section(".gopclntab"))) const char table[16] = {1};
        void _start(void) { for (;;); }
        """;
    Path program =
        CompiledC.compile(
            directory, "go.c", source, "-static", "-nostdlib", "-fno-asynchronous-unwind-tables");
    RuleTable table = builder.build(program, false);
    assertThat(RuleTable.kind(table.at(0x1000))).isEqualTo(RuleTable.KIND_FP);
    assertThat(table.isEmpty()).isFalse();
  }

  @Test
  void shouldSayThatCodeWithoutDescriptionsHasNone() throws IOException {
    TableBuilder builder = builder();
    String source = "void _start(void) { for (;;); }\n";
    Path program =
        CompiledC.compile(
            directory, "bare.c", source, "-static", "-nostdlib", "-fno-asynchronous-unwind-tables");
    assertThat(builder.build(program, false).isEmpty()).isTrue();
    assertThat(RuleTable.kind(builder.build(program, true).at(0x1000)))
        .isEqualTo(RuleTable.KIND_END);
  }

  @Test
  void shouldNameTheFileThatHasNoRules() throws IOException {
    TableBuilder builder = builder();
    Path text = Files.writeString(directory.resolve("text"), "no program\n".repeat(100));
    assertThatThrownBy(() -> builder.build(text, false))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(text + " has no rules: ");
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> builder.build(missing, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void shouldReadTheVdso() throws IOException {
    TableBuilder builder = builder();
    Path copy = Vdso.copy().orElseThrow();
    try {
      assertThat(builder.build(copy, false).functions()).isPositive();
    } finally {
      Files.delete(copy);
    }
  }

  /** In a JVM of its own: it is loaded once, and in this one it may be. */
  @Test
  void shouldBeLoadedFromNoDirectoryAndNotBeTakenForTheLibraryBefore() throws IOException {
    builder();
    Path other = CompiledC.compile(directory, "other.c", "int other;\n", "-shared", "-fPIC");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED"));
    command.add("-Djava.io.tmpdir=" + directory.resolve("none"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(LoadedAfterAnother.class.getName(), other.toString()));

    run(command);
  }

  private static TableBuilder builder() {
    CompiledC.skipUnless(TableBuilder.load().isPresent(), "this build has no builder of rules");
    return TableBuilder.load().orElseThrow();
  }

  /** What this machine has of: C, C++, hand-written assembly, static, and very large. */
  private static Stream<Path> realObjects() {
    return Stream.of(
            "/usr/lib/x86_64-linux-gnu/libc.so.6",
            "/usr/lib/x86_64-linux-gnu/libm.so.6",
            "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
            "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
            "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0",
            "/usr/bin/bash",
            "/usr/bin/gdb",
            "/lib64/ld-linux-x86-64.so.2")
        .map(Path::of)
        .filter(Files::isReadable);
  }

  private Path compile(String name, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("-std=gnu11", "-D_GNU_SOURCE", "-O2", "-g"));
    all.addAll(Arrays.asList(options));
    all.add("-iquote" + SOURCES);
    Stream.of("cfi.c", "rule.c", "tables/image.c", "tables/table.c")
        .map(file -> SOURCES.resolve(file).toString())
        .forEach(all::add);
    Path source = Path.of("src/test/c", name + ".c").toAbsolutePath();
    return CompiledC.compile(source, directory.resolve(name), all.toArray(String[]::new));
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).as("%s", out).isZero();
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    }
    return out;
  }
}
