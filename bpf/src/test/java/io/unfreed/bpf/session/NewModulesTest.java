package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ring.Incomplete;
import io.unfreed.bpf.ring.StackCursor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Code that nobody told of: system calls are recorded, so no linker's hook holds the process, and
 * the kernel side asks for the rules of what it meets.
 */
@Tag("kernel")
class NewModulesTest {
  private static final String LIBRARY =
      """
      #include <sys/mman.h>
      __attribute__((noinline)) static char *inner(void)
      {
        return mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      }
      char *mapped(int n) { volatile char a[64]; a[n & 7] = 1; return inner() + a[n & 7]; }
      """;

  private static final String PROGRAM =
      """
      #include <dlfcn.h>
      #include <stdio.h>
      #include <unistd.h>
      int main(int argc, char **argv)
      {
        char *(*mapped)(int);
        puts("ready");
        fflush(stdout);
        getchar();
        *(void **)&mapped = dlsym(dlopen(argv[1], RTLD_NOW), "mapped");
        for (int i = 0; i < 6000 && argc > 1; i++) {
          mapped(i);
          usleep(10000);
        }
        return 0;
      }
      """;

  @TempDir Path directory;

  /** Stacks through a library: those that are whole, and why the others are not. */
  private static final class Seen extends Tally {
    final List<Integer> whole = new ArrayList<>();
    final List<Incomplete> incomplete = new ArrayList<>();
    long inode;

    @Override
    public void onStack(StackCursor stack) {
      super.onStack(stack);
      // libc's mmap, then the two functions of the library.
      if (stack.depth() > 1 && stack.inode(1) == inode) {
        stack.incomplete().ifPresentOrElse(incomplete::add, () -> whole.add(stack.depth()));
      }
    }
  }

  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeRules();
  }

  @Test
  void shouldHaveTheRulesOfALibraryThatIsLoadedWhileRecording() throws Exception {
    Path library =
        CompiledC.compile(
            directory, "late.c", LIBRARY, "-O2", "-fomit-frame-pointer", "-shared", "-fPIC");
    Path program = CompiledC.compile(directory, "loader.c", PROGRAM, "-O2", "-fomit-frame-pointer");
    Seen seen = new Seen();
    seen.inode = ((Number) Files.getAttribute(library, "unix:ino")).longValue();
    Process process = new ProcessBuilder(program.toString(), library.toString()).start();
    try (LiveSession session =
        LiveSession.open(LiveSessionConfig.defaults().withSystemCalls(Optional.empty()))) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      session.attach((int) process.pid());
      process.outputWriter().write("go\n");
      process.outputWriter().flush();
      KernelTests.pollUntil(session, seen, () -> !seen.whole.isEmpty());
      assertThat(seen.whole.getFirst()).isGreaterThan(4);
      assertThat(seen.incomplete).allMatch(Incomplete.NO_TABLE::equals);
    } finally {
      process.destroyForcibly();
    }
  }
}
