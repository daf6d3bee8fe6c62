package io.unfreed.shim.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.shim.CompiledC;
import io.unfreed.shim.ShimLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads of a program for which nobody makes more rings. */
class RingWaitTest {
  private static final int THREADS = ArenaTable.RINGS.firstGrant + 4;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path directory;

  /** Its call begins when it has a ring, or is to have none: behind the recording's end. */
  @Test
  void shouldLoseNothingOfAThreadThatWaitsWhenTheRecordingEnds() throws Exception {
    TestArena.assumeLibrary();
    Path library = Files.write(directory.resolve("library.so"), ShimLibrary.bytes());
    Path file = directory.resolve("arena");
    ArenaSettings settings =
        new ArenaSettings(
            true, false, false, PATIENCE.toNanos(), ArenaSettings.DEFAULT_BACKLOG_BYTES, false);
    try (SharedArena arena = SharedArena.create(ShimLibrary.nativeSide(), file, 0600, settings)) {
      Process process = begin(library, file);
      try {
        await().atMost(PATIENCE).until(() -> threads(process) == THREADS + 1 && !hasFree(arena));
        arena.deactivate();
        assertThat(process.waitFor()).isZero();
      } finally {
        process.destroyForcibly();
      }
      assertThat(
              (long) SharedArena.LONG.getAcquire(arena.memory(), ArenaLayout.HEADER_UNREGISTERED))
          .isZero();
    }
  }

  private static Process begin(Path library, Path arena) throws Exception {
    Path program = CompiledC.compile("many_threads", List.of("many_threads.c"), "-pthread");
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), Integer.toString(THREADS)).inheritIO();
    builder.environment().put("LD_PRELOAD", library.toString());
    builder.environment().put("UNFREED_SHIM", arena.toString());
    return builder.start();
  }

  private static long threads(Process process) throws Exception {
    try (var tasks = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
      return tasks.count();
    }
  }

  private static boolean hasFree(SharedArena arena) {
    for (int i = 0; i < arena.granted(ArenaTable.RINGS); i++) {
      long at = ArenaTable.RINGS.entry(i);
      if ((int) SharedArena.INT.getAcquire(arena.memory(), at) == ArenaLayout.GRANTED) {
        return true;
      }
    }
    return false;
  }
}
