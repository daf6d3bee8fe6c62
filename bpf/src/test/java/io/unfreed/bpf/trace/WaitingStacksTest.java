package io.unfreed.bpf.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.BpfPermissionException;
import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.session.LiveSession;
import io.unfreed.bpf.symbols.SourceFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks of the waits that {@code trace locks} counts. */
@Tag("kernel")
class WaitingStacksTest {
  private static final long LEAST_NANOS = 1_000_000L;
  private static final int STACKS = 200;
  private static final int ROOM = 64;

  private static final String HEAD =
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <fcntl.h>
      #include <linux/futex.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      #include <sys/syscall.h>
      #include <time.h>
      #include <unistd.h>
      static struct timespec soon = { 0, 2000000 };
      """;

  private static final String LIBRARY =
      HEAD
          + """
          __attribute__((noipa)) static long NAME(int *word)
          {
            return syscall(SYS_futex, word, FUTEX_WAIT, 0, &soon, 0, 0) + 1;
          }
          void waits(void) { int word = 0; NAME(&word); word = 1; }
          """;

  /** Loads one library, and then another one where the first one was. */
  private static final String REPLACES =
      HEAD
          + """
          typedef void waits(void);
          static void *library;
          static waits *load(const char *file)
          {
            library = dlopen(file, RTLD_NOW);
            if (!library) _exit(3);
            return (waits *)dlsym(library, "waits");
          }
          static void say(const char *word)
          {
            puts(word);
            fflush(stdout);
            if (getchar() == EOF) _exit(4);
          }
          int main(int argc, char **argv)
          {
            waits *places[3];
            for (int i = 3; i < argc; i++)
              if (mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(argv[i], O_RDONLY), 0) == MAP_FAILED)
                _exit(5);
            say("ready");
            /* From one place, so that all addresses of a stack are the same. */
            for (volatile int i = 1; i < 3; i++) {
              if (library) dlclose(library);
              places[i] = load(argv[i]);
              for (volatile int turn = 0; turn < 3 + 2 * i; turn++) places[i]();
              say(i == 1 ? "one" : places[1] == places[2] ? "same place" : "another place");
            }
            return 0;
          }
          """;

  private static final String MANY =
      HEAD
          + """
          static long zero(int depth, unsigned path);
          static long one(int depth, unsigned path);
          static long waits(void)
          {
            int word = 0;
            return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &soon, 0, 0);
          }
          #define STEP(name) \\
            __attribute__((noipa)) static long name(int depth, unsigned path) \\
            { \\
              return (depth == 0 ? waits() : path & 1 ? one(depth - 1, path >> 1) : zero(depth - 1, path >> 1)) + 1; \\
            }
          STEP(zero)
          STEP(one)
          int main(void)
          {
            puts("ready");
            fflush(stdout);
            getchar();
            for (volatile int turn = 0; turn < 2; turn++)
              for (volatile int i = 0; i < %d; i++) zero(8, i);
            puts("waited");
            fflush(stdout);
            return getchar() == EOF;
          }
          """
              .formatted(STACKS);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    CompiledC.skipUnless(
        LiveSession.unavailable().isEmpty(), LiveSession.unavailable().orElse("available"));
    CompiledC.skipUnless(
        BpfPermissionException.missingCapabilities().isEmpty(),
        "not root: missing " + BpfPermissionException.missingCapabilities());
  }

  /** With rules of both from the start, or with none for any. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellTheWaitsOfALibraryFromThoseOfTheOneThatWasThereBefore(boolean known)
      throws Exception {
    Path program =
        CompiledC.compile(directory, "replaces.c", REPLACES, "-O1", "-fno-omit-frame-pointer");
    String first = library("wait_in_a").toString();
    String second = library("wait_in_b").toString();
    List<String> command =
        known
            ? List.of(program.toString(), first, second, first, second)
            : List.of(program.toString(), first, second);
    Process process = new ProcessBuilder(command).start();
    Map<String, Long> waits = new TreeMap<>();
    Map<Integer, String> functions = new TreeMap<>();
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    try (TraceSession session = TraceSession.open(config(process));
        TraceNames names = new TraceNames(session, List.of((int) process.pid()))) {
      go(process);
      assertThat(process.inputReader().readLine()).isEqualTo("one");
      futexes(session.snapshot()).forEach(cell -> functions.put(cell.stack(), name(names, cell)));
      go(process);
      assertThat(process.inputReader().readLine()).isEqualTo("same place");
      for (TraceCell cell : futexes(session.snapshot())) {
        String function = functions.computeIfAbsent(cell.stack(), stack -> name(names, cell));
        waits.merge(function, cell.count(), Long::sum);
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(waits).containsEntry("wait_in_a", 5L).containsEntry("wait_in_b", 7L);
  }

  @Test
  void shouldCountEveryWaitAndSayWhoseStackFoundNoPlaceWhenThereAreTooMany() throws Exception {
    Path program = CompiledC.compile(directory, "many.c", MANY, "-O1", "-fomit-frame-pointer");
    Process process = new ProcessBuilder(program.toString()).start();
    TraceSnapshot seen;
    try (TraceSession session = TraceSession.open(config(process), ROOM)) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      go(process);
      assertThat(process.inputReader().readLine()).isEqualTo("waited");
      seen = session.snapshot();
    } finally {
      process.destroyForcibly();
    }
    long homeless = 2L * (STACKS - ROOM);
    Map<Boolean, List<TraceCell>> rows =
        futexes(seen).stream().collect(Collectors.partitioningBy(cell -> cell.stack() >= 0));
    assertThat(rows.get(true)).extracting(TraceCell::count).hasSize(ROOM).containsOnly(2L);
    assertThat(rows.get(false).stream().mapToLong(TraceCell::count).sum()).isEqualTo(homeless);
    assertThat(seen.loss()).isEqualTo(new TraceSnapshot.Loss(homeless, 0, 0, 0));
  }

  private static TraceConfig config(Process process) {
    return new TraceConfig(
        Tracer.LOCKS, List.of((int) process.pid()), Optional.empty(), LEAST_NANOS, 0);
  }

  private static List<TraceCell> futexes(TraceSnapshot snapshot) {
    return snapshot.cells().stream().filter(cell -> cell.kind() == TraceCell.Kind.FUTEX).toList();
  }

  private static void go(Process process) throws IOException {
    process.outputWriter().write("g");
    process.outputWriter().flush();
  }

  private Path library(String function) throws IOException {
    return CompiledC.compile(
        Files.writeString(directory.resolve(function + ".c"), LIBRARY),
        directory.resolve(function + ".so"),
        "-shared",
        "-fPIC",
        "-O2",
        "-fno-omit-frame-pointer",
        "-DNAME=" + function);
  }

  /** The first function that is one of a library's; a row of something else has another name. */
  private static String name(TraceNames names, TraceCell cell) {
    return names
        .stack(cell)
        .flatMap(waiting ->
            waiting.frames().stream()
                .flatMap(frame -> frame.names().stream())
                .map(SourceFrame::symbol)
                .filter(symbol -> symbol.startsWith("wait_in_"))
                .findFirst())
        .orElse("other");
  }
}
