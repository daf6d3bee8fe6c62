package io.unfreed.shim.inject;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;

/** System calls by number (x86-64). */
final class SleepingCalls {
  /**
   * In none of these does an allocator or the loader ever sleep: read, poll, select, pause,
   * nanosleep, accept, recvfrom, recvmsg, wait4, msgrcv, rt_sigsuspend, clock_nanosleep,
   * epoll_wait, waitid, pselect6, ppoll, epoll_pwait, accept4, recvmmsg, epoll_pwait2.
   */
  private static final Set<Long> SAFE =
      Set.of(
          0L, 7L, 23L, 34L, 35L, 43L, 45L, 47L, 61L, 70L, 130L, 230L, 232L, 247L, 270L, 271L, 281L,
          288L, 299L, 441L);

  /** Others that a mere stop ends with EINTR: semop, rt_sigtimedwait, io_getevents, semtimedop. */
  private static final Set<Long> BROKEN_BY_A_STOP = Set.of(65L, 128L, 208L, 220L);

  private static final long RESTART_SYSCALL = 219;
  private static final long FUTEX = 202;

  /** Without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME. */
  private static final long FUTEX_COMMAND = 0x7f;

  private static final long FUTEX_WAIT_BITSET = 9;

  /** {@code mov $number,%eax; syscall}, as glibc's functions have it. */
  private static final int CALLING_BYTES = 7;

  private SleepingCalls() {}

  /**
   * The call that a thread sleeps in. One that was begun anew after a stop goes by another number:
   * then the code before it tells; -1 when that is not known.
   */
  static long numberOf(TargetProcess.BlockedCall call, RemoteMemory memory) throws IOException {
    if (call.number() != RESTART_SYSCALL) {
      return call.number();
    }
    ByteBuffer code = memory.buffer(call.pc() - CALLING_BYTES, CALLING_BYTES);
    boolean plain =
        code.get(0) == (byte) 0xb8 && code.get(5) == 0x0f && code.get(CALLING_BYTES - 1) == 5;
    return plain ? code.getInt(1) : -1;
  }

  /** Whether a thread that sleeps in it holds no lock of the allocator or the loader. */
  static boolean isSafe(long number) {
    return SAFE.contains(number);
  }

  /**
   * Whether glibc waits like this for conditions, semaphores, ends of threads and whatever has a
   * time limit, always given as a moment (nptl/futex-internal.c); for its own locks, the
   * allocator's and the loader's among them, it does by FUTEX_WAIT.
   */
  static boolean isWaitForOthers(long number, long operation) {
    return number == FUTEX && (operation & FUTEX_COMMAND) == FUTEX_WAIT_BITSET;
  }

  /** Whether it may be begun anew when our stop ended it with EINTR; close, for one, may not. */
  static boolean mayBeBegunAnew(long number) {
    return SAFE.contains(number) || BROKEN_BY_A_STOP.contains(number);
  }
}
