package io.unfreed.shim.inject;

/**
 * What becomes of the system call that a thread was stopped in.
 *
 * @param registers for the kernel to decide when the thread goes on, as if it had not been stopped
 */
record InterruptedCall(Registers registers) {
  private static final long EINTR = 4;
  private static final long ERESTARTSYS = 512;
  private static final long ERESTARTNOHAND = 514;
  private static final long ERESTART_RESTARTBLOCK = 516;
  private static final int SYSCALL_INSTRUCTION_BYTES = 2;

  static InterruptedCall of(Registers stopped) {
    long result = stopped.get(Registers.RAX);
    long call = stopped.get(Registers.ORIG_RAX);
    // epoll_wait and a few others end with EINTR for our stop, without any signal (signal(7)).
    boolean ended = result == -EINTR && SleepingCalls.mayBeBegunAnew(call);
    // What we call may wait itself, and the kernel remembers one call's time; this has its own.
    boolean untilMoment =
        result == -ERESTART_RESTARTBLOCK
            && SleepingCalls.isWaitForOthers(call, stopped.get(Registers.RSI));
    return new InterruptedCall(
        ended || untilMoment ? stopped.with(Registers.RAX, -ERESTARTNOHAND) : stopped);
  }

  static boolean isIn(Registers stopped) {
    return stopped.get(Registers.ORIG_RAX) >= 0;
  }

  /** Whether the thread slept in the call and would sleep again. */
  static boolean isBroken(Registers stopped) {
    long result = -stopped.get(Registers.RAX);
    return isIn(stopped)
        && (result == EINTR || (result >= ERESTARTSYS && result <= ERESTART_RESTARTBLOCK));
  }

  /**
   * Registers that begin the call anew without the kernel's help. Its remaining time is not known
   * then, so a sleep or poll ends with EINTR.
   */
  Registers begunAnew() {
    if (!isBroken(registers)) {
      return registers;
    }
    if (registers.get(Registers.RAX) == -ERESTART_RESTARTBLOCK) {
      return registers.with(Registers.RAX, -EINTR);
    }
    return registers
        .with(Registers.RAX, registers.get(Registers.ORIG_RAX))
        .with(Registers.RIP, registers.get(Registers.RIP) - SYSCALL_INSTRUCTION_BYTES);
  }
}
