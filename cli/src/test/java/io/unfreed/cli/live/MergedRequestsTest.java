package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that the scheduler merges: they are never completed, and the kernel gives their places
 * to others. On a disk of its own, a file behind a loop device.
 */
@Tag("kernel")
class MergedRequestsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 8192;
  private static final int SINGLE = 600;

  /** One process writes every second block, and another one, meanwhile, the ones between them. */
  private static final String MERGES =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <linux/aio_abi.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/syscall.h>
      #include <sys/wait.h>
      #include <unistd.h>
      enum { BLOCK = 4096, HALF = 256 };
      int main(int argc, char **argv)
      {
        static struct iocb one[HALF];
        static struct iocb *all[HALF];
        static struct io_event done[HALF];
        aio_context_t context = 0;
        int file = open(argv[1], O_WRONLY | O_DIRECT);
        void *block = aligned_alloc(BLOCK, BLOCK);
        memset(block, 1, BLOCK);
        if (argc < 3) return 2;
        if (atoi(argv[2]) < 0) {
          for (int i = 0; i < -atoi(argv[2]); i++)
            if (pwrite(file, block, BLOCK, (long)BLOCK * 2 * i) != BLOCK) return 3;
          return 0;
        }
        int half = fork() == 0;
        if (syscall(SYS_io_setup, HALF, &context)) return 4;
        for (int from = 0; from < atoi(argv[2]); from += 2 * HALF) {
          for (int i = 0; i < HALF; i++) {
            memset(&one[i], 0, sizeof(one[i]));
            one[i].aio_lio_opcode = IOCB_CMD_PWRITE;
            one[i].aio_fildes = file;
            one[i].aio_buf = (unsigned long)block;
            one[i].aio_nbytes = BLOCK;
            one[i].aio_offset = (long)BLOCK * (from + 2 * i + half);
            all[i] = &one[i];
          }
          for (int sent = 0; sent < HALF;) {
            long more = syscall(SYS_io_submit, context, HALF - sent > 64 ? 64 : HALF - sent, all + sent);
            if (more < 0) return 5;
            sent += more;
          }
          for (int came = 0; came < HALF;) {
            long more = syscall(SYS_io_getevents, context, 1, HALF, done, 0);
            if (more < 0) return 6;
            came += more;
          }
        }
        if (!half && wait(0) < 0) return 7;
        return 0;
      }
      """;

  @TempDir Path directory;

  @Test
  void shouldGiveARequestToWhoSentItWhenItsPlaceWasThatOfAMergedOne() throws Exception {
    KernelHost.assumeRecording();
    KernelHost.assumeRoot();
    KernelHost.assumeTool("losetup");
    Path source = Files.writeString(directory.resolve("merges.c"), MERGES);
    Path program = directory.resolve("merges");
    run("gcc", "-Wno-unused-result", "-o", program.toString(), source.toString());
    Path file = directory.resolve("disk");
    run("truncate", "-s", Long.toString((long) BLOCK * BLOCKS), file.toString());
    String disk = tried("losetup", "--find", "--show", "--direct-io=on", file.toString());
    KernelHost.skipUnless("kernel", disk.startsWith("/dev/"), "no loop device: " + disk);
    try {
      String name = disk.substring("/dev/".length());
      Path queue = Path.of("/sys/block", name, "queue/scheduler");
      KernelHost.skipUnless(
          "kernel", Files.readString(queue).contains("mq-deadline"), "no mq-deadline");
      Files.writeString(queue, "mq-deadline");
      JsonNode report = traced(program.toString(), disk);
      KernelHost.skipUnless("kernel", merged(name) > 0, "nothing was merged");

      assertThat(bytes(report, name, "merges")).isEqualTo((long) BLOCK * BLOCKS);
      assertThat(bytes(report, name, "single")).isEqualTo((long) BLOCK * SINGLE);
    } finally {
      run("losetup", "--detach", disk);
    }
  }

  /** What was counted of the one that merges and, behind it, of one that sends one at a time. */
  private JsonNode traced(String program, String disk) throws Exception {
    Path ready = directory.resolve("ready");
    Path single = Files.copy(Path.of(program), directory.resolve("single"));
    assertThat(single.toFile().setExecutable(true)).isTrue();
    try (UnfreedProcess trace =
        new UnfreedProcess(
            "trace", "io", "--format", "json", "--top", "0", "--ready", ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      run(program, disk, Integer.toString(BLOCKS));
      run(single.toString(), disk, Integer.toString(-SINGLE));
      trace.signal("INT");
      assertThat(trace.await()).describedAs(trace.err()).isZero();
      return new ObjectMapper().readTree(trace.out());
    }
  }

  private static long bytes(JsonNode report, String disk, String process) {
    return StreamSupport.stream(report.get("rows").spliterator(), false)
        .filter(row -> row.get("device").asText().equals(disk))
        .filter(row -> row.at("/process/name").asText().equals(process))
        .mapToLong(row -> row.get("bytes").asLong())
        .sum();
  }

  /** Writes merged (Documentation/block/stat.rst). */
  private static long merged(String disk) throws IOException {
    Path stat = Path.of("/sys/block", disk, "stat");
    return Long.parseLong(Files.readString(stat).strip().split("\\s+")[5]);
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
        .describedAs(Arrays.toString(command))
        .isZero();
  }

  private static String tried(String... command) throws Exception {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    byte[] said = process.getInputStream().readAllBytes();
    return new String(said, StandardCharsets.UTF_8).strip();
  }
}
