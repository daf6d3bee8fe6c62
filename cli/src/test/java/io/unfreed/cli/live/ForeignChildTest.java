package io.unfreed.cli.live;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Followed children that the library is not for, or that live by other clocks: never harmed. */
class ForeignChildTest {
  private static final String TELLER =
      """
      #include <stdio.h>
      #include <stdlib.h>
      int main(void)
      {
        void *volatile kept = malloc(7);
        const char *preload = getenv("LD_PRELOAD");
        return !kept || puts(preload && *preload ? "preloads" : "preloads nothing") < 0;
      }
      """;

  /** Lives for longer than the recorder takes to look who has ended. */
  private static final String SLOW =
      """
      #include <stdlib.h>
      #include <unistd.h>
      void *volatile kept;
      int main(void)
      {
        for (int i = 0; i < 11; i++)
          kept = malloc(7);
        sleep(1);
        for (int i = 0; i < 13; i++)
          kept = malloc(5);
        return 0;
      }
      """;

  /** Needs no library at all, and so runs with any glibc's linker. */
  private static final String ALONE =
      """
      #include <sys/syscall.h>
      static void call(long number, long first, const char *text, long bytes)
      {
        __asm__ volatile("syscall" : "+a"(number) : "D"(first), "S"(text), "d"(bytes)
                         : "rcx", "r11", "memory");
      }
      __attribute__((used)) static void begin(long *stack)
      {
        const char wanted[] = "LD_PRELOAD=";
        for (char **e = (char **)stack + 1 + *stack + 1; *e; e++) {
          int i = 0;
          while (wanted[i] && (*e)[i] == wanted[i])
            i++;
          if (!wanted[i])
            call(SYS_write, 1, "preloads\\n", 9), call(SYS_exit_group, 1, 0, 0);
        }
        call(SYS_write, 1, "preloads nothing\\n", 17);
        call(SYS_exit_group, 0, 0, 0);
      }
      __asm__(".globl _start\\n_start: mov %rsp, %rdi\\n and $-16, %rsp\\n call begin\\n");
      """;

  private static final Path LINKER = Path.of("/lib64/ld-linux-x86-64.so.2");

  @TempDir Path directory;

  @BeforeEach
  void assumeShim() {
    KernelHost.assumeShim();
  }

  /**
   * Another libc's linker would not find in its own what the library needs, and end the program.
   */
  @Test
  void shouldNotBeGivenToAProgramOfAnotherLibc() throws Exception {
    Path linker = directory.resolve("ld-other-x86_64.so.1");
    Files.copy(LINKER, linker);
    String program = compiled("other", TELLER, "-Wl,--dynamic-linker=" + linker);

    JsonNode session = record("preloads nothing\n", "sh", "-c", program + "; true");

    assertThat(session.get("notSeen").toString()).contains("a process of " + program);
  }

  /** It would find the library in want of newer versions, and end the program. */
  @Test
  void shouldNotBeGivenToAProgramOfAnOlderGlibcWhoseLinkerHasTheSameName() throws Exception {
    String program = alone(older(LINKER));

    JsonNode session = record("preloads nothing\n", "sh", "-c", program + "; true");

    assertThat(session.get("notSeen").toString()).contains("a process of " + program);
  }

  @Test
  void shouldNotBeGivenToAnOlderGlibcsLinkerCalledByItsName() throws Exception {
    Path linker = older(LINKER);

    record("preloads nothing\n", "sh", "-c", linker + " " + alone(LINKER) + "; true");
  }

  @Test
  void shouldBeGivenToAProgramWithALinkerOfItsOwnThatIsNewEnough() throws Exception {
    Path linker = Files.copy(LINKER, directory.resolve(LINKER.getFileName()));

    record("preloads\n", compiled("teller", TELLER, "-Wl,--dynamic-linker=" + linker));
  }

  /** Of the version that the library needs, it has only the one before. */
  private Path older(Path linker) throws Exception {
    String text = new String(Files.readAllBytes(linker), ISO_8859_1);
    String old =
        text.replace("GLIBC_2.35", "GLIBC_2.30")
            .replace("\u00b5\u0091\u0096\u0006", "\u00b0\u0091\u0096\u0006");
    Path file = directory.resolve(linker.getFileName());
    Files.write(file, old.getBytes(ISO_8859_1));
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private String alone(Path linker) throws Exception {
    return compiled("alone", ALONE, "-nostdlib", "-Wl,--dynamic-linker=" + linker);
  }

  @Test
  void shouldNotBeGivenToAScriptThatSuchAProgramRuns() throws Exception {
    Path linker = directory.resolve("ld-other-x86_64.so.1");
    Files.copy(LINKER, linker);
    String program = compiled("other", TELLER, "-Wl,--dynamic-linker=" + linker);
    Path script = Files.writeString(directory.resolve("script"), "#! " + program + " -x\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();

    record("preloads nothing\n", "sh", "-c", script + "; true");
  }

  @Test
  void shouldNotBeGivenToMuslsLoaderCalledByItsName() throws Exception {
    Path linker = directory.resolve("ld-musl-x86_64.so.1");
    Files.copy(LINKER, linker);

    record("preloads nothing\n", "sh", "-c", linker + " " + compiled("teller", TELLER) + "; true");
  }

  /** The loader would say on the program's standard error that it is not there. */
  @Test
  void shouldNotBeGivenWhereItCannotBeOpened() throws Exception {
    KernelHost.assumeRoot();
    Path root = directory.resolve("root");
    Path libraries = Files.createDirectories(root.resolve("lib/x86_64-linux-gnu"));
    Files.createDirectories(root.resolve("lib64"));
    Files.copy(LINKER, root.resolve("lib64").resolve(LINKER.getFileName()));
    Files.copy(Path.of("/lib/x86_64-linux-gnu/libc.so.6"), libraries.resolve("libc.so.6"));
    Files.move(Path.of(compiled("teller", TELLER)), root.resolve("teller"));

    record("preloads nothing\n", "chroot", root.toString(), "/teller");
  }

  @Test
  void shouldRecordAProcessWhoseClocksAreOthers() throws Exception {
    KernelHost.assumeRoot();
    String[] unshare = {"unshare", "-T", "--monotonic", "100000", "--boottime", "100000", "--fork"};
    List<String> works = new ArrayList<>(List.of(unshare));
    works.add("true");
    KernelHost.skipUnless(
        "time namespace",
        new ProcessBuilder(works).start().waitFor() == 0,
        String.join(" ", works) + " does not work");
    String program = compiled("slow", SLOW);
    List<String> command = new ArrayList<>(List.of(unshare));
    command.add(program);

    Path file = directory.resolve("foreign.capture");
    try (UnfreedProcess run = recording(file, command)) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
    }
    JsonNode report =
        KernelHost.reports("report", file.toString(), "--format", "json").stream()
            .filter(r -> r.at("/process/command").asText().equals(program))
            .findFirst()
            .orElseThrow();
    assertThat(report.at("/totals/outstandingBytes").asLong()).isEqualTo(11 * 7 + 13 * 5);
    assertThat(report.at("/process/recordedFromNanos").asLong(-1)).isZero();
    assertThat(Captured.end(file).getLost()).isZero();
  }

  /** Records a command, which prints a text and nothing to its standard error. */
  private JsonNode record(String text, String... command) throws Exception {
    Path file = directory.resolve("foreign.capture");
    try (UnfreedProcess run = recording(file, List.of(command))) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo(text);
    }
    return KernelHost.reports("report", file.toString(), "--format", "json")
        .getFirst()
        .get("session");
  }

  private static UnfreedProcess recording(Path file, List<String> command) throws Exception {
    List<String> all = new ArrayList<>(List.of("record", "--probe", "shim", "--follow-children"));
    all.addAll(List.of("-o", file.toString(), "--"));
    all.addAll(command);
    return new UnfreedProcess(all.toArray(String[]::new));
  }

  private String compiled(String name, String text, String... options) throws Exception {
    Path source = Files.writeString(directory.resolve(name + ".c"), text);
    String program = directory.resolve(name).toString();
    List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-o", program, source.toString()));
    command.addAll(List.of(options));
    KernelHost.skipUnless(
        "library", new ProcessBuilder(command).start().waitFor() == 0, "gcc does not link");
    return program;
  }
}
