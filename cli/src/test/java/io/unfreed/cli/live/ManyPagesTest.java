package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code record --syscalls --page-faults} of more pages than the recorder can know. */
@Tag("kernel")
class ManyPagesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** None has neighbours, so that they take much of the recorder, and none of the machine. */
  private static final int PAGES = 250_000;

  private static final int PAGES_AGAIN = 1_000;

  private static final String PROGRAM =
      """
      #define _GNU_SOURCE
      #include <sys/mman.h>
      #include <unistd.h>
      #define APART (64 * 4096L)
      static volatile char *map(long pages)
      {
        char *base = mmap(0, pages * APART, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base == MAP_FAILED || madvise(base, pages * APART, MADV_NOHUGEPAGE)) _exit(7);
        return base;
      }
      #define READS(name) \\
        __attribute__((noipa)) static void name(volatile char *base, long pages) \\
        { \\
          for (long i = 0; i < pages; i++) base[i * APART]; \\
        }
      READS(many)
      READS(again)
      int main(void)
      {
        char go;
        volatile char *base;
        write(1, "ready\\n", 6);
        if (read(0, &go, 1) != 1) return 6;
        base = map(%1$d);
        many(base, %1$d);
        munmap((void *)base, %1$d * APART);
        again(map(%2$d), %2$d);
        write(1, "held\\n", 5);
        return read(0, &go, 1) != 1;
      }
      """
          .formatted(PAGES, PAGES_AGAIN);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldCountAsLostWhatFindsNoRoomAndGoOnWhenThereIsRoomAgain() throws Exception {
    Path ready = directory.resolve("ready");
    String file = directory.resolve("pages.capture").toString();
    Process target = new ProcessBuilder(compile().toString()).start();
    String pid = Long.toString(target.pid());
    String[] arguments = {
      "record", "--syscalls", "--page-faults", "-p", pid, "-o", file, "--ready", ready.toString()
    };
    try {
      assertThat(target.inputReader().readLine()).isEqualTo("ready");
      Map<String, String> littleMemory = Map.of("_JAVA_OPTIONS", "-Xmx56m");
      try (UnfreedProcess record = new UnfreedProcess(List.of(), littleMemory, arguments)) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        target.outputWriter().write("g");
        target.outputWriter().flush();
        assertThat(target.inputReader().readLine()).isEqualTo("held");
        record.signal("INT");
        assertThat(record.await()).describedAs(record.err()).isZero();
        assertThat(record.err().lines().filter(line -> line.startsWith("unfreed: lost ")))
            .singleElement()
            .asString()
            .contains("faults of more pages than the recorder has memory for: try");
      }
    } finally {
      target.destroyForcibly();
    }
    JsonNode report =
        KernelHost.reports("report", file, "--format", "json", "--top", "0").getFirst();
    long allocations = report.at("/totals/allocations").asLong();
    long lost = report.at("/totals/lostEvents").asLong();
    assertThat(lost).isBetween(PAGES / 10L, PAGES * 9L / 10);
    // Beside them are two mappings, and what the C library touches.
    assertThat(allocations + lost).isBetween(PAGES + PAGES_AGAIN + 2L, PAGES + PAGES_AGAIN + 20L);
    long kept = report.at("/totals/bySpace/page/outstandingCount").asLong();
    assertThat(kept).isBetween((long) PAGES_AGAIN, PAGES_AGAIN + 20L);
    assertThat(report.at("/totals/frees").asLong()).isEqualTo(allocations - kept - 1);
    assertThat(report.at("/totals/certainBytes").asLong()).isZero();
    assertThat(report.at("/totals/unmatchedFrees").asLong()).isZero();
    assertThat(stack(report, "again").get("outstandingCount").asLong()).isEqualTo(PAGES_AGAIN);
  }

  private Path compile() throws Exception {
    Path source = Files.writeString(directory.resolve("pages.c"), PROGRAM);
    Path program = directory.resolve("pages");
    String[] gcc = {
      "gcc", "-O1", "-Wno-unused-result", "-o", program.toString(), source.toString()
    };
    assertThat(new ProcessBuilder(gcc).inheritIO().start().waitFor()).isZero();
    return program;
  }

  private static JsonNode stack(JsonNode report, String function) {
    for (JsonNode stack : report.get("stacks")) {
      if (stack.at("/frames/0/symbol").asText().equals(function)) {
        return stack;
      }
    }
    throw new AssertionError("no stack in " + function);
  }
}
