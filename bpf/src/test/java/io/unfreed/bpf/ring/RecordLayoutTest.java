package io.unfreed.bpf.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.probe.AllocatorFunction;
import io.unfreed.bpf.session.CaptureCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our offsets and codes against what a C compiler makes of unfreed.h. */
class RecordLayoutTest {
  private static final String ASK =
      """
      #include <stddef.h>
      #include <stdio.h>
      #include <linux/types.h>
      #include "unfreed.h"
      #define AT(type, field) printf("%s.%s %zu\\n", #type, #field, offsetof(struct unfreed_##type, field))
      #define VALUE(name) printf("%s %d\\n", #name, (int)(name))
      int main(void) {
        AT(header, count); AT(header, tgid);
        AT(event, time); AT(event, address); AT(event, size); AT(event, stack); AT(event, tid);
        AT(event, kind); AT(event, function); AT(event, space);
        AT(stack, ref); AT(stack, generation); AT(stack, flags); AT(stack, frames);
        AT(frame, ip); AT(frame, inode); AT(frame, offset); VALUE(sizeof(struct unfreed_frame));
        AT(process, time); AT(process, start_boottime); AT(process, kind); AT(process, other);
        AT(process, status); AT(process, generation); AT(process, comm);
        AT(exec, args_bytes); AT(exec, program); AT(exec, args);
        VALUE(sizeof(struct unfreed_object)); VALUE(UNFREED_ARGS);
        VALUE(UNFREED_HELD); VALUE(UNFREED_LET_GO); VALUE(UNFREED_FN_TABLE);
        VALUE(sizeof(struct unfreed_header)); VALUE(sizeof(struct unfreed_event));
        VALUE(sizeof(struct unfreed_config));
        VALUE(UNFREED_MAX_FRAMES); VALUE(C_COUNT); VALUE(C_PROCESS_FAILED); VALUE(C_NESTED);
        VALUE(UNFREED_ALLOC); VALUE(UNFREED_FREE); VALUE(UNFREED_RELEASE_INTENT);
        VALUE(UNFREED_OUTCOME_OK); VALUE(UNFREED_OUTCOME_FAILED); VALUE(UNFREED_MAP);
        VALUE(UNFREED_HEAP); VALUE(UNFREED_MAPPING); VALUE(UNFREED_SLAB); VALUE(UNFREED_PAGE);
        VALUE(UNFREED_PERCPU);
        VALUE(FN_MALLOC); VALUE(FN_MREMAP); VALUE(FN_DELETE); VALUE(FN_PERCPU_FREE);
        VALUE(UNFREED_NO_MAPPING); VALUE(UNFREED_TOO_DEEP); VALUE(UNFREED_MAPPINGS_BUSY);
        VALUE(C_STACK_NO_MAPPING); VALUE(C_STACK_MAPPINGS_BUSY);
        return 0;
      }
      """;

  @TempDir Path dir;

  @Test
  void shouldAgreeWithTheHeaderOfTheBpfProgram() throws IOException {
    String headers = Path.of("src/main/bpf").toAbsolutePath().toString();
    Path program = CompiledC.compile(dir, "ask.c", ASK, "-I" + headers);
    Process process = new ProcessBuilder(program.toString()).start();
    Map<String, Integer> c = new HashMap<>();
    for (String line : new String(process.getInputStream().readAllBytes()).split("\n")) {
      int space = line.lastIndexOf(' ');
      c.put(line.substring(0, space), Integer.parseInt(line.substring(space + 1)));
    }
    assertThat(c).isEqualTo(ours());
    assertThat(RecordLayout.EVENT_BYTES).isLessThanOrEqualTo(48);
  }

  private static Map<String, Integer> ours() {
    Map<String, Integer> ours = new HashMap<>();
    ours.put("header.count", RecordLayout.HEADER_COUNT);
    ours.put("header.tgid", RecordLayout.HEADER_TGID);
    ours.put("event.time", RecordLayout.EVENT_TIME);
    ours.put("event.address", RecordLayout.EVENT_ADDRESS);
    ours.put("event.size", RecordLayout.EVENT_SIZE);
    ours.put("event.stack", RecordLayout.EVENT_STACK);
    ours.put("event.tid", RecordLayout.EVENT_TID);
    ours.put("event.kind", RecordLayout.EVENT_KIND);
    ours.put("event.function", RecordLayout.EVENT_FUNCTION);
    ours.put("event.space", RecordLayout.EVENT_SPACE);
    ours.put("stack.ref", RecordLayout.STACK_REF);
    ours.put("stack.generation", RecordLayout.STACK_GENERATION);
    ours.put("stack.flags", RecordLayout.STACK_FLAGS);
    ours.put("stack.frames", RecordLayout.STACK_FRAMES);
    ours.put("frame.ip", RecordLayout.FRAME_IP);
    ours.put("frame.inode", RecordLayout.FRAME_INODE);
    ours.put("frame.offset", RecordLayout.FRAME_OFFSET);
    ours.put("sizeof(struct unfreed_frame)", RecordLayout.FRAME_BYTES);
    ours.put("process.time", RecordLayout.PROCESS_TIME);
    ours.put("process.start_boottime", RecordLayout.PROCESS_START);
    ours.put("process.kind", RecordLayout.PROCESS_KIND);
    ours.put("process.other", RecordLayout.PROCESS_OTHER);
    ours.put("process.status", RecordLayout.PROCESS_STATUS);
    ours.put("process.generation", RecordLayout.PROCESS_GENERATION);
    ours.put("process.comm", RecordLayout.PROCESS_COMM);
    ours.put("exec.args_bytes", RecordLayout.EXEC_ARGS_BYTES);
    ours.put("exec.program", RecordLayout.EXEC_PROGRAM);
    ours.put("sizeof(struct unfreed_object)", RecordLayout.PROGRAM_BYTES);
    ours.put("exec.args", RecordLayout.EXEC_ARGS);
    ours.put("UNFREED_ARGS", RecordLayout.ARGS_BYTES);
    ours.put("UNFREED_HELD", ProcessCursor.HELD);
    ours.put("UNFREED_LET_GO", ProcessCursor.LET_GO);
    ours.put("UNFREED_FN_TABLE", 4096);
    ours.put("sizeof(struct unfreed_header)", RecordLayout.HEADER_BYTES);
    ours.put("sizeof(struct unfreed_event)", RecordLayout.EVENT_BYTES);
    ours.put("sizeof(struct unfreed_config)", 88);
    ours.put("UNFREED_MAX_FRAMES", RecordLayout.MAX_FRAMES);
    ours.put("C_COUNT", CaptureCounters.Counter.values().length);
    ours.put("C_PROCESS_FAILED", CaptureCounters.Counter.PROCESS_FAILED.ordinal());
    ours.put("C_NESTED", CaptureCounters.Counter.NESTED.ordinal());
    ours.put("UNFREED_ALLOC", RecordLayout.ALLOC);
    ours.put("UNFREED_FREE", RecordLayout.FREE);
    ours.put("UNFREED_RELEASE_INTENT", RecordLayout.RELEASE_INTENT);
    ours.put("UNFREED_OUTCOME_OK", RecordLayout.OUTCOME_OK);
    ours.put("UNFREED_OUTCOME_FAILED", RecordLayout.OUTCOME_FAILED);
    ours.put("UNFREED_MAP", RecordLayout.MAP);
    ours.put("UNFREED_HEAP", RecordLayout.HEAP);
    ours.put("UNFREED_MAPPING", RecordLayout.MAPPING);
    ours.put("UNFREED_SLAB", RecordLayout.SLAB);
    ours.put("UNFREED_PAGE", RecordLayout.PAGE);
    ours.put("UNFREED_PERCPU", RecordLayout.PERCPU);
    ours.put("FN_MALLOC", AllocatorFunction.MALLOC.id());
    ours.put("FN_MREMAP", AllocatorFunction.MREMAP.id());
    ours.put("FN_DELETE", AllocatorFunction.DELETE.id());
    ours.put("FN_PERCPU_FREE", AllocatorFunction.PERCPU_FREE.id());
    ours.put("UNFREED_NO_MAPPING", 1 + Incomplete.NO_MAPPING.ordinal());
    ours.put("UNFREED_TOO_DEEP", 1 + Incomplete.TOO_DEEP.ordinal());
    ours.put("UNFREED_MAPPINGS_BUSY", 1 + Incomplete.MAPPINGS_BUSY.ordinal());
    ours.put("C_STACK_NO_MAPPING", CaptureCounters.Counter.STACK_NO_MAPPING.ordinal());
    ours.put("C_STACK_MAPPINGS_BUSY", CaptureCounters.Counter.STACK_MAPPINGS_BUSY.ordinal());
    return ours;
  }
}
