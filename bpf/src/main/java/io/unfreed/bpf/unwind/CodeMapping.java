package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An executable mapping as the kernel side's program list_objects tells it.
 *
 * <pre>
 *  mapping  0 start u64 | 8 end u64 | 16 object | 40 tgid u32 | 44 reserved u32
 *  object   0 inode u64 | 8 size u64 | 16 device u32 | 20 generation u32
 * </pre>
 */
record CodeMapping(long start, ObjectKey object) {
  static final int BYTES = 16 + ObjectKey.BYTES + 8;

  /** Those of one process: kernels before 6.1 tell of all. */
  static List<CodeMapping> parse(byte[] told, int tgid) {
    List<CodeMapping> mappings = new ArrayList<>();
    MemorySegment all = MemorySegment.ofArray(told);
    for (long at = 0; at + BYTES <= told.length; at += BYTES) {
      if (all.get(JAVA_INT_UNALIGNED, at + 16 + ObjectKey.BYTES) != tgid) {
        continue;
      }
      byte[] key = all.asSlice(at + 16, ObjectKey.BYTES).toArray(JAVA_BYTE);
      mappings.add(new CodeMapping(all.get(JAVA_LONG_UNALIGNED, at), new ObjectKey(key)));
    }
    return mappings;
  }
}
