package io.unfreed.bpf.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** One stack in the mapped ring buffer; valid only during {@link RecordHandler#onStack}. */
public final class StackCursor {
  /** Another thread was just changing the mappings: look the frame up by its address. */
  public static final long INODE_UNKNOWN = -1;

  private static final int FLAG_KERNEL = 1;
  private static final int FLAG_DEEP = 2;
  private static final int FLAG_CUT = 4;
  private static final int WHY_SHIFT = 8;

  private MemorySegment data;
  private long at;

  StackCursor() {}

  void wrap(MemorySegment data, long at) {
    this.data = data;
    this.at = at;
  }

  /** Whose address space; 0 is the kernel. */
  public int tgid() {
    return data.get(JAVA_INT, at + RecordLayout.HEADER_TGID);
  }

  /** What events carry; never given twice in a session. */
  public int reference() {
    return data.get(JAVA_INT, at + RecordLayout.STACK_REF);
  }

  /** The generation of the address space when it was taken; rises on exec, dlopen and dlclose. */
  public int generation() {
    return data.get(JAVA_INT, at + RecordLayout.STACK_GENERATION);
  }

  public boolean isKernel() {
    return (flags() & FLAG_KERNEL) != 0;
  }

  /** The outer end was cut at {@link RecordLayout#MAX_FRAMES}. */
  public boolean isDeep() {
    return (flags() & FLAG_DEEP) != 0;
  }

  /** The next outer frame was no code: some function was compiled without frame pointers. */
  public boolean isCut() {
    return (flags() & FLAG_CUT) != 0;
  }

  /** Why the stack is not whole; empty if it is, or was taken by frame pointers. */
  public Optional<Incomplete> incomplete() {
    return Incomplete.of(flags() >>> WHY_SHIFT & 0xff);
  }

  public int depth() {
    return data.get(JAVA_SHORT, at + RecordLayout.HEADER_COUNT);
  }

  /** Return addresses, innermost (index 0) first; look them up minus 1. */
  public long frame(int index) {
    return data.get(JAVA_LONG, placeOf(index) + RecordLayout.FRAME_IP);
  }

  /**
   * The inode of the file a frame was mapped from when the stack was taken; 0 for none, or {@link
   * #INODE_UNKNOWN}.
   */
  public long inode(int index) {
    return data.get(JAVA_LONG, placeOf(index) + RecordLayout.FRAME_INODE);
  }

  /** The return address as an offset in that file. */
  public long fileOffset(int index) {
    return data.get(JAVA_LONG, placeOf(index) + RecordLayout.FRAME_OFFSET);
  }

  private long placeOf(int index) {
    return at + RecordLayout.STACK_FRAMES + (long) RecordLayout.FRAME_BYTES * index;
  }

  private int flags() {
    return data.get(JAVA_INT, at + RecordLayout.STACK_FLAGS);
  }
}
