package io.unfreed.bpf.trace;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Offsets of trace.h.
 *
 * <pre>
 * trace_key    0 subject   8 detail   16 tgid   20 kind                                   | 24
 * trace_cell   0 count     8 errors   16 total  24 max   32 bytes  40 slots[32]  296 comm | 312
 * trace_error  0 subject   8 tgid     12 number                                           | 16
 * trace_event  0 key      24 time     32 nanos  40 result 48 tid   56 comm                | 72
 * trace_memory 0 allocs    8 bytes    16 frees  24 bytes  32 comm                         | 48
 * trace_config 0 min       8 slow     16 cgroup 24 level  28 some  32 collector 36 page
 *             40 unwind                                                                   | 48
 * </pre>
 */
final class TraceLayout {
  static final int KEY_BYTES = 24;
  static final int CELL_BYTES = 312;
  static final int ERROR_BYTES = 16;
  static final int EVENT_BYTES = 72;
  static final int MEMORY_BYTES = 48;
  static final int CONFIG_BYTES = 48;
  static final int COUNTERS = 3;

  /** TRACE_SLOTS. */
  static final int SLOTS = 32;

  static final int CELL_COMM = 296;
  static final int EVENT_COMM = 56;
  static final int MEMORY_COMM = 32;
  private static final int SLOTS_AT = 40;
  private static final int COMM_BYTES = 16;

  private TraceLayout() {}

  static TraceCell cell(MemorySegment key, MemorySegment value) {
    long[] slots = value.asSlice(SLOTS_AT, (long) SLOTS * Long.BYTES).toArray(JAVA_LONG);
    return new TraceCell(
        TraceCell.Kind.of(key.get(JAVA_INT, 20)),
        key.get(JAVA_LONG, 0),
        key.get(JAVA_LONG, 8),
        key.get(JAVA_INT, 16),
        comm(value, CELL_COMM),
        value.get(JAVA_LONG, 0),
        value.get(JAVA_LONG, 8),
        value.get(JAVA_LONG, 16),
        value.get(JAVA_LONG, 24),
        value.get(JAVA_LONG, 32),
        Arrays.stream(slots).boxed().toList());
  }

  static TraceEvent event(MemorySegment value) {
    return new TraceEvent(
        TraceCell.Kind.of(value.get(JAVA_INT, 20)),
        value.get(JAVA_LONG, 0),
        value.get(JAVA_LONG, 8),
        value.get(JAVA_INT, 16),
        value.get(JAVA_INT, 48),
        comm(value, EVENT_COMM),
        value.get(JAVA_LONG, 24),
        value.get(JAVA_LONG, 32),
        value.get(JAVA_LONG, 40));
  }

  static TraceMemory memory(MemorySegment key, MemorySegment value) {
    return new TraceMemory(
        key.get(JAVA_INT, 0),
        comm(value, MEMORY_COMM),
        value.get(JAVA_LONG, 0),
        value.get(JAVA_LONG, 8),
        value.get(JAVA_LONG, 16),
        value.get(JAVA_LONG, 24));
  }

  private static String comm(MemorySegment value, long at) {
    byte[] name = value.asSlice(at, COMM_BYTES).toArray(JAVA_BYTE);
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.UTF_8);
  }
}
