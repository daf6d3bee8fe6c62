package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Where code without rules was met.
 *
 * <pre>
 *  wanted  0 ip u64 | 8 tgid u32 | 12 reserved
 * </pre>
 */
record Wanted(long ip, int tgid) {
  static final int BYTES = 16;

  static Wanted of(MemorySegment value) {
    return new Wanted(value.get(JAVA_LONG, 0), value.get(JAVA_INT, 8));
  }
}
