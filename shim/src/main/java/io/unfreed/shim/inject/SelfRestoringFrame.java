package io.unfreed.shim.inject;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A signal frame as the kernel writes it for a handler (x86-64: {@code struct rt_sigframe} of
 * arch/x86/include/asm/sigframe.h from its ucontext on, and the XSAVE area with the marks of {@code
 * uapi/asm/sigcontext.h}). rt_sigreturn with the stack pointer at it brings the thread back to
 * where it was: general and vector registers, signal mask, and a system call begun anew.
 */
final class SelfRestoringFrame {
  /** UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS. */
  private static final long UC_FLAGS = 7;

  /** Not a state of a signal stack: sigreturn then leaves the thread's own as it is. */
  private static final int NO_SIGNAL_STACK_CHANGE = 7;

  private static final int SIGNAL_STACK_FLAGS = 24;
  private static final int REGISTERS = 40;
  private static final int SEGMENTS = REGISTERS + 18 * 8;
  private static final int FPSTATE = SEGMENTS + 40;
  private static final int SIGNAL_MASK = 296;
  static final int UCONTEXT_BYTES = 304;

  private static final int MAGIC1 = 0x46505853;
  private static final int MAGIC2 = 0x46505845;
  private static final int SOFTWARE_BYTES = 464;
  private static final int XSTATE_BV = 512;

  /** XFEATURE_XTILE_DATA, the last and largest component; a thread has it only on request. */
  private static final long TILE_DATA = 1L << 18;

  private static final int TILE_DATA_BYTES = 8192;

  /** The order of {@code struct sigcontext_64}. */
  private static final int[] ORDER = {
    Registers.R8, Registers.R9, Registers.R10, Registers.R11, Registers.R12, Registers.R13,
    Registers.R14, Registers.R15, Registers.RDI, Registers.RSI, Registers.RBP, Registers.RBX,
    Registers.RDX, Registers.RAX, Registers.RCX, Registers.RSP, Registers.RIP, Registers.EFLAGS
  };

  private SelfRestoringFrame() {}

  /**
   * The ucontext.
   *
   * @param fpstate where {@link #fpstate} lies, 64-byte aligned
   */
  static byte[] ucontext(Registers registers, long signalMask, long fpstate) {
    ByteBuffer frame = ByteBuffer.allocate(UCONTEXT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(0, UC_FLAGS);
    frame.putInt(SIGNAL_STACK_FLAGS, NO_SIGNAL_STACK_CHANGE);
    for (int i = 0; i < ORDER.length; i++) {
      frame.putLong(REGISTERS + 8 * i, registers.get(ORDER[i]));
    }
    frame.putShort(SEGMENTS, (short) registers.get(Registers.CS));
    frame.putShort(SEGMENTS + 6, (short) registers.get(Registers.SS));
    frame.putLong(FPSTATE, fpstate);
    frame.putLong(SIGNAL_MASK, signalMask);
    return frame.array();
  }

  /**
   * The vector registers.
   *
   * @param xstate as NT_X86_XSTATE has them: the XSAVE area of every feature of the machine
   */
  static byte[] fpstate(byte[] xstate) {
    ByteBuffer from = ByteBuffer.wrap(xstate).order(ByteOrder.LITTLE_ENDIAN);
    long features = from.getLong(SOFTWARE_BYTES);
    int bytes = xstate.length;
    if ((features & TILE_DATA) != 0 && (from.getLong(XSTATE_BV) & TILE_DATA) == 0) {
      // The kernel takes no more from a thread than that thread may have.
      features &= ~TILE_DATA;
      bytes -= TILE_DATA_BYTES;
    }
    ByteBuffer to = ByteBuffer.allocate(bytes + 4).order(ByteOrder.LITTLE_ENDIAN);
    to.put(0, xstate, 0, bytes);
    to.putInt(SOFTWARE_BYTES, MAGIC1);
    to.putInt(SOFTWARE_BYTES + 4, bytes + 4);
    to.putLong(SOFTWARE_BYTES + 8, features);
    to.putInt(SOFTWARE_BYTES + 16, bytes);
    to.putInt(bytes, MAGIC2);
    return to.array();
  }
}
