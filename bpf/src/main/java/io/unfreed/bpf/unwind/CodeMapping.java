package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An executable mapping as the kernel side's program list_objects tells it.
 *
 * <pre>
 *  mapping  0 start u64 | 8 end u64 | 16 object
 *  object   0 inode u64 | 8 size u64 | 16 device u32 | 20 generation u32
 * </pre>
 */
record CodeMapping(long start, ObjectKey object) {
  static final int BYTES = 16 + ObjectKey.BYTES;

  static List<CodeMapping> parse(byte[] told) {
    List<CodeMapping> mappings = new ArrayList<>();
    MemorySegment all = MemorySegment.ofArray(told);
    for (long at = 0; at + BYTES <= told.length; at += BYTES) {
      byte[] key = all.asSlice(at + 16, ObjectKey.BYTES).toArray(JAVA_BYTE);
      mappings.add(new CodeMapping(all.get(JAVA_LONG_UNALIGNED, at), new ObjectKey(key)));
    }
    return mappings;
  }
}
