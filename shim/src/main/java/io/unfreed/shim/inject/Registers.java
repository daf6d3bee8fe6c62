package io.unfreed.shim.inject;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct user_regs_struct} of x86-64: the general registers of a stopped thread. */
final class Registers {
  static final int BYTES = 27 * 8;
  static final int R15 = 0;
  static final int R14 = 1;
  static final int R13 = 2;
  static final int R12 = 3;
  static final int RBP = 4;
  static final int RBX = 5;
  static final int R11 = 6;
  static final int R10 = 7;
  static final int R9 = 8;
  static final int R8 = 9;
  static final int RAX = 10;
  static final int RCX = 11;
  static final int RDX = 12;
  static final int RSI = 13;
  static final int RDI = 14;

  /** The number of the system call that the thread is in, or -1: then none is restarted. */
  static final int ORIG_RAX = 15;

  static final int RIP = 16;
  static final int CS = 17;
  static final int EFLAGS = 18;
  static final int RSP = 19;
  static final int SS = 20;
  static final int FS_BASE = 21;

  private final long[] words;

  private Registers(long[] words) {
    this.words = words;
  }

  static Registers read(MemorySegment from) {
    return new Registers(from.asSlice(0, BYTES).toArray(ValueLayout.JAVA_LONG));
  }

  void write(MemorySegment to) {
    MemorySegment.copy(words, 0, to, ValueLayout.JAVA_LONG, 0, words.length);
  }

  long get(int register) {
    return words[register];
  }

  /** A copy with one register changed. */
  Registers with(int register, long value) {
    long[] changed = words.clone();
    changed[register] = value;
    return new Registers(changed);
  }

  /** A copy with the arguments of a system call. */
  Registers withCall(long number, long... arguments) {
    int[] order = {RDI, RSI, RDX, R10, R8, R9};
    long[] changed = words.clone();
    changed[ORIG_RAX] = number;
    changed[RAX] = number;
    for (int i = 0; i < arguments.length; i++) {
      changed[order[i]] = arguments[i];
    }
    return new Registers(changed);
  }
}
