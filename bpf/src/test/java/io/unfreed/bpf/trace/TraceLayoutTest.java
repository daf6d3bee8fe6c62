package io.unfreed.bpf.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.MissingTracepointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our offsets against what a C compiler makes of trace.h. */
class TraceLayoutTest {
  private static final String ASK =
      """
      #include <stddef.h>
      #include <stdio.h>
      #include <linux/types.h>
      #include "trace.h"
      int main(void) {
        printf("%zu %zu %zu %zu %zu %zu %d %d\\n", sizeof(struct trace_key), sizeof(struct trace_cell),
          sizeof(struct trace_error), sizeof(struct trace_event), sizeof(struct trace_memory),
          sizeof(struct trace_config), TRACE_SLOTS, T_COUNT);
        printf("%zu %zu %zu %zu %zu %zu\\n", offsetof(struct trace_cell, comm),
          offsetof(struct trace_cell, slots), offsetof(struct trace_event, comm),
          offsetof(struct trace_event, tid), offsetof(struct trace_memory, comm),
          offsetof(struct trace_config, collector));
        printf("%d %d\\n", TRACE_CALL, TRACE_IO_QUEUED);
        return 0;
      }
      """;

  @TempDir Path dir;

  @Test
  void shouldAgreeWithTheHeaderOfTheBpfProgram() throws IOException {
    String headers = Path.of("src/main/bpf").toAbsolutePath().toString();
    Path program = CompiledC.compile(dir, "ask.c", ASK, "-I" + headers);
    Process process = new ProcessBuilder(program.toString()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(said.lines())
        .containsExactly(
            "%d %d %d %d %d %d %d %d"
                .formatted(
                    TraceLayout.KEY_BYTES,
                    TraceLayout.CELL_BYTES,
                    TraceLayout.ERROR_BYTES,
                    TraceLayout.EVENT_BYTES,
                    TraceLayout.MEMORY_BYTES,
                    TraceLayout.CONFIG_BYTES,
                    TraceLayout.SLOTS,
                    TraceLayout.COUNTERS),
            "%d 40 %d 48 %d 32"
                .formatted(TraceLayout.CELL_COMM, TraceLayout.EVENT_COMM, TraceLayout.MEMORY_COMM),
            "1 " + TraceCell.Kind.values().length);
  }

  @Test
  void shouldNameTheTracepointsThatAreMissing() {
    assertThat(
            new MissingTracepointException(
                Tracer.LOCKS.tracepoints().stream().map(Tracer.LOCKS::fullName).toList()))
        .hasMessageContaining(
            "has no tracepoint lock:contention_begin, lock:contention_end,"
                + " raw_syscalls:sys_enter, raw_syscalls:sys_exit");
    assertThat(CallNames.call(0)).isEqualTo("read");
    assertThat(CallNames.call(9999)).isEqualTo("call 9999");
    assertThat(CallNames.error(11)).isEqualTo("EAGAIN");
  }
}
