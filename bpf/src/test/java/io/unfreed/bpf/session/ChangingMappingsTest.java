package io.unfreed.bpf.session;

import static java.util.concurrent.CompletableFuture.runAsync;
import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ffi.BpfObject;
import io.unfreed.bpf.ffi.LibC;
import io.unfreed.bpf.ffi.MemoryMap;
import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.ring.StackCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes whose mappings are changed all the time, so that somebody always has their lock. */
@Tag("kernel")
class ChangingMappingsTest {
  private static final int MAPPING_BYTES = 48;
  private static final int LOOKS = 300;
  private static final int MAPPINGS = 1_500;
  private static final int THREADS = 400;

  private static final String PROGRAM =
      """
      #include <pthread.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      static volatile int stopped;
      static void *change(void *unused)
      {
        while (!stopped) {
          char *at = mmap(0, 1 << 16, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          for (int i = 0; i < 8; i++)
            mprotect(at + 4096, 4096, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
          munmap(at, 1 << 16);
        }
        return unused;
      }
      __attribute__((noinline)) static char *inner(int n)
      {
        char *block = malloc(7001 + n);
        block[0] = n;
        return block;
      }
      __attribute__((noinline)) static void *outer(void *unused)
      {
        char *volatile block = inner(3);
        block[1] = 1;
        return unused;
      }
      int main(void)
      {
        pthread_t changing[3], other;
        puts("ready");
        fflush(stdout);
        getchar();
        for (int i = 0; i < 3; i++)
          pthread_create(&changing[i], 0, change, 0);
        for (int i = 0; i < %d; i++) {
          pthread_create(&other, 0, outer, 0);
          pthread_join(other, 0);
        }
        stopped = 1;
        for (int i = 0; i < 3; i++)
          pthread_join(changing[i], 0);
        return 0;
      }
      """
          .formatted(THREADS);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeRules();
  }

  @Test
  void shouldFindTheEndOfWhatIsMappedWhileItChanges() throws Exception {
    int self = (int) ProcessHandle.current().pid();
    AtomicBoolean stopped = new AtomicBoolean();
    List<CompletableFuture<Void>> changing = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        BpfObject bpf =
            CaptureProgram.load(LiveSessionConfig.defaults(), false, Attaching.SINGLY)) {
      int file = LibC.open("/proc/self/exe");
      for (int i = 0; i < MAPPINGS; i++) {
        MemoryMap.map(arena, file, 0, MemoryMap.pageBytes(), MemoryMap.PROT_EXEC);
      }
      LibC.close(file);
      for (int i = 0; i < 3; i++) {
        changing.add(runAsync(() -> mapAndUnmap(stopped)));
      }
      for (int i = 0; i < LOOKS; i++) {
        assertThat(bpf.iterate("list_objects", self, MAPPING_BYTES))
            .hasValueSatisfying(told -> {
              assertThat(told).isNotEmpty();
              assertThat(told.length % MAPPING_BYTES).isZero();
            });
      }
    } finally {
      stopped.set(true);
      changing.forEach(CompletableFuture::join);
    }
  }

  private static void mapAndUnmap(AtomicBoolean stopped) {
    try {
      int file = LibC.open("/proc/self/exe");
      while (!stopped.get()) {
        try (Arena arena = Arena.ofConfined()) {
          MemoryMap.map(arena, file, 0, MemoryMap.pageBytes(), MemoryMap.PROT_READ);
        }
      }
      LibC.close(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Why stacks are not whole. */
  private static final class Seen extends Tally {
    final Map<Incomplete, Integer> incomplete = new EnumMap<>(Incomplete.class);

    @Override
    public void onStack(StackCursor stack) {
      super.onStack(stack);
      stack.incomplete().ifPresent(why -> incomplete.merge(why, 1, Integer::sum));
    }
  }

  @Test
  void shouldTakeWholeStacksOfThreadsWhenOthersChangeTheMappings() throws Exception {
    Path program =
        CompiledC.compile(
            directory, "changing.c", PROGRAM, "-O2", "-fomit-frame-pointer", "-pthread");
    Seen seen = new Seen();
    Process process = new ProcessBuilder(program.toString()).start();
    try (LiveSession session = LiveSession.open(LiveSessionConfig.defaults())) {
      int tgid = (int) process.pid();
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      session.attach(tgid);
      process.outputWriter().write("go\n");
      process.outputWriter().flush();
      KernelTests.pollUntil(session, seen, () -> seen.exited.contains(tgid));
      assertThat(seen.of(tgid).get("alloc")).isGreaterThanOrEqualTo(THREADS);
    } finally {
      process.destroyForcibly();
    }
    assertThat(seen.incomplete).isEmpty();
  }
}
